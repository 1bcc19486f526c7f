"""Having the next thing at hand while the one before it is worked on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def one_ahead(make: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Give what is made of each thing, in order; a thread makes the next one meanwhile. Raises what `make` does."""
    coming = deque[Future[R]]()
    with ThreadPoolExecutor(1) as pool:
        for thing in things:
            coming.append(pool.submit(make, thing))
            if len(coming) > 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
