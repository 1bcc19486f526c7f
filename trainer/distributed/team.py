"""The workers of a run, as the process sees them that hands out the work."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TypeVar

from distributed import Client, Future, as_completed

from runtime.errors import TryAgainError
from trainer.distributed.at_hand import OF_RUN
from trainer.distributed.losses import explained
from trainer.distributed.shelf import Shelf

T = TypeVar("T")
# A task that fails for a passing reason, such as a store that did not answer, is done again so many times.
_RETRIES = 3
# Whether there are workers is asked so often while nothing comes, and so long their work waits for some.
_LOOK_SECONDS = 5
ALONE_SECONDS = 300


@dataclass
class Team:
    """Dask's client, this process's shelf, and how much memory each worker has."""

    client: Client
    shelf: Shelf
    worker_bytes: int
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def n_workers(self) -> int:
        """How many there are just now, of which there is one at least."""
        with explained():
            return max(1, self._n_now())

    def new_name(self, what: str) -> str:
        """Give a name that no other work of this run has."""
        return f"{what}-{next(self._numbers)}"

    def hand_out(self, task: Callable[..., T], name: str, *arguments: object) -> "Future[T]":
        """Have a task done by some worker; what it gives stays there until it is taken."""
        return self.client.submit(task, *arguments, key=f"{name}{OF_RUN}{self.shelf.run}", retries=_RETRIES, pure=False)

    def results(self, futures: "Iterable[Future[T]]", at_once: int | None = None) -> "Iterator[tuple[Future[T], T]]":
        """Give each task and what it gave as they are done, which the worker then forgets.

        Of `futures` so many are taken at once, and another whenever one is done; all where `at_once` is None. Raises
        TryAgainError where workers or the scheduler are lost, and what a task raised.
        """
        waiting = iter(futures)
        with explained():
            done = as_completed(islice(waiting, at_once), with_results=True, loop=self.client.loop)
            while not done.is_empty():
                self._wait_for(done)
                future, result = next(done)
                if future.cancelled():  # then the result is why, which nobody has raised
                    raise result
                yield future, result
                future.release()
                done.update(islice(waiting, 1))

    def _wait_for(self, done: as_completed) -> None:
        """Wait for a result. Raises TryAgainError where there is no worker any more, and none comes."""
        look_at = alone_at = time.monotonic() + _LOOK_SECONDS
        while not done.has_ready():
            with done.thread_condition:
                done.thread_condition.wait(0.1)
            if time.monotonic() > look_at:
                look_at += _LOOK_SECONDS
                if self._n_now():
                    alone_at = time.monotonic()
                elif time.monotonic() - alone_at > ALONE_SECONDS:
                    raise TryAgainError(f"no worker is left for {ALONE_SECONDS} s", hint="Look at the workers' logs")

    def _n_now(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def stage(self, work: Callable[[T], None], what: Sequence[T]) -> None:
        """Stage things, some of them at a time: a store answers several requests in the time of one."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, what))
