"""user_items: for each user, each item they have an event with, and the summed weight of those events."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.scratch import shortened
from trainer.arrays.spans import Span, even_spans, indptr_of, spans_of_at_most
from trainer.arrays.sparse import matrix_of_rows
from trainer.events import Events
from trainer.kernel.rows import add_up_repeats, count_by_user, move_down, order_by_user
from trainer.kernel.sums import sum_by

if TYPE_CHECKING:
    import scipy.sparse as sp

Ints = NDArray[np.int64]
END_OF_TIME: Final = 2**32
# An item and a weight.
_BYTES_AN_EVENT: Final = 8
# Each thread counts the users' events for itself, which must not take more memory than the events.
_LEAST_EVENTS_A_COUNT: Final = 4


def build_user_items(events: Events, until: int = END_OF_TIME, threads: int = 1) -> "sp.csr_matrix":
    """Add up the events of each (user, item) pair: CSR, float32 (n_users, n_items), items of a user rising.

    Later events than `until`, in seconds since 1970 UTC, are left out; users and items that have no other keep their
    place. Sums are made in float64, in the order of the events: of a few distinct weights they are exact, so that the
    order in which the database gave the rows does not show. The result is the same for any number of threads.

    Of more events than their scratch may hold at a time, those of some users are taken at a time.
    """
    at_a_time = events.scratch.work_bytes and events.scratch.work_bytes // _BYTES_AN_EVENT
    with ThreadPoolExecutor(threads) as pool:
        rows = _Rows(events, until, pool, threads)
        for users in spans_of_at_most(rows.starts, at_a_time):
            rows.fill(users)
            rows.add_up(users)
        return rows.matrix()


def item_popularity(user_items: "sp.csr_matrix") -> NDArray[np.float32]:
    """Give the summed weight of each item's events, (n_items,)."""
    sums = np.zeros(user_items.shape[1])
    sum_by(user_items.indices, user_items.data, sums)
    return sums.astype(np.float32)


class _Rows:
    """The rows in the making: each user's events lie from `starts` on, at first all, and then their distinct items."""

    def __init__(self, events: Events, until: int, pool: ThreadPoolExecutor, threads: int) -> None:
        self._columns = events.columns
        self._until, self._pool, self._threads = until, pool, threads
        self._shape = (len(events.users), len(events.products))
        self._parts = _parts(len(events), min(threads, len(events) // (_LEAST_EVENTS_A_COUNT * self._shape[0])))
        self.starts, self._free = self._places()
        n = int(self.starts[-1])
        self._rows = events.scratch.empty(n, np.int32), events.scratch.empty(n, np.float32)
        self._lengths, self._n_done = np.zeros(self._shape[0], np.int64), 0

    def fill(self, users: Span) -> None:
        """Put the events of some users where theirs begin."""
        columns, parts, free = self._columns, self._parts, self._free
        self._of_parts(lambda part: order_by_user(columns, parts[part], self._until, users, free[part], self._rows))

    def add_up(self, users: Span) -> None:
        """Leave the distinct items of some users, behind those of the users before them."""
        first, last = users
        spans = [(first + a, first + b) for a, b in even_spans(self.starts[first : last + 1], self._threads)]

        def add_up(span: Span) -> None:
            add_up_repeats(self.starts, span, self._rows, self._shape[1], self._lengths)

        list(self._pool.map(add_up, spans))
        for begin, end in spans:
            n = int(self._lengths[begin:end].sum())
            move_down(self._rows, self.starts[begin], self._n_done, n)
            self._n_done += n

    def matrix(self) -> "sp.csr_matrix":
        """Give what was made; memory that is not needed goes back to the system."""
        items, weights = self._rows
        items, weights = shortened(items, self._n_done), shortened(weights, self._n_done)
        return matrix_of_rows(indptr_of(self._lengths), items, weights, self._shape)

    def _places(self) -> tuple[Ints, Ints]:
        """Give where each user's events begin, and where in there those of each part of the events."""
        counts = np.zeros((len(self._parts), self._shape[0]), np.int64)
        self._of_parts(lambda part: count_by_user(self._columns, self._parts[part], self._until, counts[part]))
        starts = indptr_of(counts.sum(axis=0))
        counts[1:] = starts[:-1] + np.cumsum(counts, axis=0)[:-1]
        counts[0] = starts[:-1]
        return starts, counts

    def _of_parts(self, work: Callable[[int], object]) -> None:
        list(self._pool.map(work, range(len(self._parts))))


def _parts(n_events: int, n: int) -> list[Span]:
    n = max(1, n)
    return [(n_events * part // n, n_events * (part + 1) // n) for part in range(n)]
