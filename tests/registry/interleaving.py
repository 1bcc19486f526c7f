"""Every order in which the store calls of two processes can fall, and every moment at which one of them can die.

Two threads work on one store; each waits before every call until it is told to go on, so that one schedule, a sequence
of choices, is one exact history. Schedules are explored depth first, each from a fresh start. Of schedules that differ
only in the order of calls that do not touch one another one is tried (sleep sets: P. Godefroid, Partial-Order Methods
for the Verification of Concurrent Systems, 1996, chapter 5).
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from registry.objects import ObjectInfo, ObjectStore, StoredObject

_WRITES: Final = frozenset({"put", "delete", "discard_unfinished"})


class DiedError(BaseException):
    """The end of a process that was killed: nothing catches it, and no call of it reaches the store any more."""


@dataclass(frozen=True)
class Call:
    """A call that a worker is about to make."""

    operation: str
    key: str

    def touches(self, other: "Call") -> bool:
        """Whether the order of two calls can be told from what they give or leave."""
        if self.operation not in _WRITES and other.operation not in _WRITES:
            return False
        if "discard_unfinished" in {self.operation, other.operation}:
            return False  # there is nothing unfinished in these stores
        if "list" in {self.operation, other.operation}:
            return self.key.startswith(other.key) or other.key.startswith(self.key)
        return self.key == other.key


@dataclass(frozen=True)
class Choice:
    """Who goes on, or dies instead."""

    worker: int
    dies: bool = False


Work = Callable[[ObjectStore], object]


@dataclass
class Worker:
    """A thread that does one thing, call by call."""

    work: Work
    pending: Call | None = None
    dead: bool = False
    result: object = None
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _waits: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self, store: ObjectStore) -> None:
        threading.Thread(target=self._run, args=(store,), daemon=True).start()
        self._waits.acquire()

    def go_on(self, *, dies: bool) -> None:
        """Let it make its call, and wait until it comes to the next or ends."""
        self.dead = dies
        self._go.release()
        self._waits.acquire()

    def wait_for_turn(self, call: Call) -> None:
        """Called in the worker's own thread, before each call."""
        if self.dead:
            raise DiedError
        self.pending = call
        self._waits.release()
        self._go.acquire()
        if self.dead:
            raise DiedError

    def _run(self, store: ObjectStore) -> None:
        try:
            self.result = self.work(TurnTaking(store, self))
        except BaseException as error:  # noqa: BLE001 (whoever looks at the result judges it)
            self.result = error
        self.pending = None
        self._waits.release()


class TurnTaking:
    """The store contract, each call of which waits for its turn."""

    def __init__(self, store: ObjectStore, worker: Worker) -> None:
        self._store, self._worker = store, worker

    def get(self, key: str) -> StoredObject:
        self._worker.wait_for_turn(Call("get", key))
        return self._store.get(key)

    def fetch(self, key: str, directory: Path) -> Path:
        self._worker.wait_for_turn(Call("fetch", key))
        return self._store.fetch(key, directory)

    def put(self, key: str, body: bytes | Path, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        self._worker.wait_for_turn(Call("put", key))
        return self._store.put(key, body, if_match=if_match, if_none_match=if_none_match)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        self._worker.wait_for_turn(Call("list", prefix))
        return iter(list(self._store.list(prefix)))

    def delete(self, key: str) -> None:
        self._worker.wait_for_turn(Call("delete", key))
        self._store.delete(key)

    def discard_unfinished(self, prefix: str, before: datetime) -> Sequence[str]:
        self._worker.wait_for_turn(Call("discard_unfinished", prefix))
        return self._store.discard_unfinished(prefix, before)


Choices = tuple[Choice, ...]


@dataclass(frozen=True)
class History:
    """One schedule that was run to its end, and what each worker gave."""

    choices: Choices
    results: tuple[object, ...]

    @property
    def has_death(self) -> bool:
        return any(choice.dies for choice in self.choices)


@dataclass
class Explorer:
    """Runs the schedules. `deaths`: how many of the workers may die in one of them.

    `fresh` gives a store in the state to begin with; `check` is asked after every write whether all is well.
    """

    fresh: Callable[[], ObjectStore]
    works: Sequence[Work]
    check: Callable[[ObjectStore], None]
    deaths: int = 0

    def histories(self) -> Iterator[tuple[ObjectStore, History]]:
        """Run every schedule; give each with the store as it left it."""
        frontier: list[tuple[Choices, frozenset[Choice]]] = [((), frozenset())]
        while frontier:
            choices, asleep = frontier.pop()
            store, workers = self._replayed(choices)
            while awake := [choice for choice in self._enabled(workers, choices) if choice not in asleep]:
                for place, other in enumerate(awake[1:], 1):
                    frontier.append(((*choices, other), _still_asleep(asleep | {*awake[:place]}, other, workers)))
                asleep = _still_asleep(asleep, awake[0], workers)
                self._take(store, workers, awake[0])
                choices = (*choices, awake[0])
            if _abandoned(workers) == 0:
                yield store, History(choices, tuple(worker.result for worker in workers))

    def run(self, choices: Choices) -> tuple[ObjectStore, History]:
        """Run one schedule that was found before."""
        store, workers = self._replayed(choices)
        assert _abandoned(workers) == 0
        return store, History(choices, tuple(worker.result for worker in workers))

    def _replayed(self, choices: Choices) -> tuple[ObjectStore, list[Worker]]:
        store, workers = self.fresh(), [Worker(work) for work in self.works]
        for worker in workers:
            worker.start(store)
        for choice in choices[:-1]:
            workers[choice.worker].go_on(dies=choice.dies)
        for choice in choices[-1:]:  # what came before it was checked when it was tried first
            self._take(store, workers, choice)
        return store, workers

    def _take(self, store: ObjectStore, workers: Sequence[Worker], choice: Choice) -> None:
        call = workers[choice.worker].pending
        workers[choice.worker].go_on(dies=choice.dies)
        if call and call.operation in _WRITES:
            self.check(store)

    def _enabled(self, workers: Sequence[Worker], choices: Choices) -> list[Choice]:
        alive = [number for number, worker in enumerate(workers) if worker.pending]
        may_die = sum(choice.dies for choice in choices) < self.deaths
        return [Choice(number, dies) for dies in ((False, True) if may_die else (False,)) for number in alive]


def _still_asleep(asleep: frozenset[Choice], taken: Choice, workers: Sequence[Worker]) -> frozenset[Choice]:
    """Give the choices that need not be tried once one was taken: those whose order with it makes no difference."""
    return frozenset(choice for choice in asleep if not _depend(choice, taken, workers))


def _depend(one: Choice, other: Choice, workers: Sequence[Worker]) -> bool:
    if one.worker == other.worker or (one.dies and other.dies):
        return True
    first, second = workers[one.worker].pending, workers[other.worker].pending
    return not (one.dies or other.dies) and (first is None or second is None or first.touches(second))


def _abandoned(workers: Sequence[Worker]) -> int:
    """End the workers that have not ended; give how many there were."""
    alive = [worker for worker in workers if worker.pending]
    for worker in alive:
        worker.go_on(dies=True)
    return len(alive)
