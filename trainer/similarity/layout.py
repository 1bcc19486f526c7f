"""user_items in the order that the kernel reads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from trainer.kernel.layout import Csr, count_ranked, count_users, list_by_item, list_by_user, sum_squares
from trainer.kernel.pairs import Lists

if TYPE_CHECKING:
    import scipy.sparse as sp

Ints = NDArray[np.int64]
# Fewer interactions than this are told apart by 32 bits, which is half the memory to walk through.
_PLACES_OF_32_BITS: Final = 2**32


@dataclass(frozen=True)
class Layout:
    """The items that can have a neighbour, ranked by falling number of users, ties by rising item, and their lists.

    `items` and `n_users` int64 and `squares` float64 (summed squared weights) are by rank.
    """

    items: Ints
    n_users: Ints
    squares: NDArray[np.float64]
    lists: Lists


@dataclass(frozen=True)
class Workers:
    """Threads, each of which takes a part of the users: of about as many interactions."""

    pool: ThreadPoolExecutor
    n: int


def laid_out(user_items: "sp.csr_matrix", min_users: int, workers: Workers) -> Layout:
    """Rank the items of min_users users at least, and list them by user and by item."""
    csr: Csr = (user_items.indptr.astype(np.int64), user_items.indices, user_items.data)
    parts = _parts_of_users(csr[0], workers.n)
    counts = np.zeros((workers.n, user_items.shape[1]), np.int64)
    _each(workers, lambda part: count_users(csr, *parts[part], counts[part]))
    n_users = counts.sum(axis=0)
    items = np.argsort(-n_users, kind="stable")[: np.count_nonzero(n_users >= min_users)]
    ranks = np.full(len(n_users), -1, np.int32)
    ranks[items] = np.arange(len(items))
    lists, squares = _lists(csr, ranks, counts[:, items], parts, workers)
    return Layout(items, n_users[items], squares, lists)


def _lists(
    csr: Csr, ranks: NDArray[np.int32], counts: Ints, parts: list[tuple[int, int]], workers: Workers
) -> tuple[Lists, NDArray[np.float64]]:
    """Transpose twice: by item, in the order of users, then by user, in the order of ranks."""
    indptr = _indptr(counts.sum(axis=0))
    ends = indptr[:-1] + np.cumsum(counts, axis=0)
    firsts = ends - counts
    n_interactions = int(indptr[-1])
    postings = np.empty((n_interactions, 2), np.uint32 if n_interactions < _PLACES_OF_32_BITS else np.int64)
    lengths = np.zeros(len(csr[0]) - 1, np.int64)

    def by_item(part: int) -> None:
        count_ranked(csr, ranks, *parts[part], lengths)
        list_by_item(csr, ranks, *parts[part], firsts[part].copy(), postings)

    _each(workers, by_item)
    starts, filled = _indptr(lengths)[:-1], np.zeros(len(lengths), np.int32)
    squares = np.zeros(len(indptr) - 1)
    bounds = np.linspace(0, len(squares), workers.n + 1).astype(np.int64)
    _each(workers, lambda part: sum_squares(postings, indptr, bounds[part], bounds[part + 1], squares))
    entries, additions = np.empty((n_interactions, 2), np.uint32), np.zeros_like(counts)
    _each(
        workers,
        lambda part: list_by_user(postings, (firsts[part], ends[part]), starts, filled, entries, additions[part]),
    )
    return Lists(entries, indptr, postings, additions.sum(axis=0)), squares


def _parts_of_users(indptr: Ints, n: int) -> list[tuple[int, int]]:
    cuts = np.searchsorted(indptr, np.linspace(0, indptr[-1], n + 1)[1:-1]).tolist()
    return list(zip([0, *cuts], [*cuts, len(indptr) - 1], strict=True))


def _indptr(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _each(workers: Workers, work: Callable[[int], object]) -> None:
    """Let each worker do its part, and wait for all."""
    list(workers.pool.map(work, range(workers.n)))
