"""user_items in the order that the kernel reads: by blocks of items, of which two at a time are compared."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.scratch import Scratch
from trainer.arrays.spans import Span, even_spans, indptr_of, spans_of_at_most
from trainer.kernel.layout import (
    Csr,
    Meeting,
    Ranks,
    copy_parts,
    count_below,
    count_ranked,
    list_by_item,
    list_by_user,
    measure_items,
)
from trainer.kernel.pairs import Lists

if TYPE_CHECKING:
    import scipy.sparse as sp

Ints = NDArray[np.int64]
# Sums of squares are made by so many parts of the users, so that their bits do not depend on the number of threads.
_PARTS_OF_SUMS: Final = 8
# Of an interaction while blocks meet: its entry and its posting with a weight in one, its entry in the other.
BYTES_AN_INTERACTION: Final = 28


@dataclass(frozen=True)
class Workers:
    """Threads, and the parts of the users that they take: of about as many interactions each."""

    pool: ThreadPoolExecutor
    n: int
    users: list[Span]

    @classmethod
    def for_users_of(cls, indptr: Ints, pool: ThreadPoolExecutor, n: int) -> Self:
        """Cut the users of a matrix into n parts."""
        return cls(pool, n, even_spans(indptr, n))

    def each(self, work: Callable[[int], object]) -> None:
        """Do a work for each part, by its number, and wait for all."""
        list(self.pool.map(work, range(self.n)))


@dataclass(frozen=True)
class Ranking:
    """The items that can have a neighbour, ranked by falling number of users, ties by rising item.

    `items` and `n_users` int64 and `squares` float64 (summed squared weights) are by rank; `ranks` int32 by item, past
    the last rank for the others; `n_all_users` also counts those who have none of them.
    """

    items: Ints
    n_users: Ints
    squares: NDArray[np.float64]
    ranks: Ranks
    n_all_users: int

    @classmethod
    def of(cls, csr: Csr, n_items: int, min_users: int, workers: Workers) -> Self:
        """Rank the items of min_users users at least."""
        parts = even_spans(csr[0], _PARTS_OF_SUMS)
        counts, squares = np.zeros((len(parts), n_items), np.int64), np.zeros((len(parts), n_items))
        list(workers.pool.map(measure_items, repeat(csr), parts, counts, squares))
        n_users = counts.sum(axis=0)
        items = np.argsort(-n_users, kind="stable")[: np.count_nonzero(n_users >= min_users)]
        ranks = np.full(n_items, len(items), np.int32)
        ranks[items] = np.arange(len(items))
        return cls(items, n_users[items], squares.sum(axis=0)[items], ranks, len(csr[0]) - 1)

    def cut(self, most_interactions: int | None) -> list[Span]:
        """Cut the ranks into blocks of about equally many interactions, at most so many unless one item has more."""
        return spans_of_at_most(indptr_of(self.n_users), most_interactions)


@dataclass(frozen=True)
class Block:
    """The items of the ranks from ranks[0] up to ranks[1], and the users' lists of them (kernel.layout.Meeting).

    `n_users` int64 (n_items,) is the number of each item's users; `users` int32 (n,), rising, have a list of their own
    each, from starts[n] up to starts[n + 1] of the entries.
    """

    ranks: Span
    n_users: Ints
    users: Ranks
    starts: Ints
    entries: NDArray[np.uint32]

    @property
    def n_items(self) -> int:
        """The number of its items."""
        return self.ranks[1] - self.ranks[0]

    @classmethod
    def of(cls, csr: Csr, ranking: Ranking, ranks: Span, workers: Workers, scratch: Scratch) -> Self:
        """List a block's items by user."""
        starts = scratch.empty(len(csr[0]), np.int64)
        starts[0] = 0
        workers.each(lambda part: count_ranked(csr, ranking.ranks, ranks, workers.users[part], starts[1:]))
        np.cumsum(starts, out=starts)
        entries = scratch.empty(int(starts[-1]), np.uint64)
        workers.each(lambda part: list_by_user(csr, ranking.ranks, ranks, workers.users[part], starts, entries))
        users = np.flatnonzero(np.diff(starts)).astype(np.int32)
        starts = np.append(starts[users], starts[-1])
        return cls(ranks, ranking.n_users[slice(*ranks)], users, starts, entries.view(np.uint32).reshape(-1, 2))

    def cut(self, spans: Sequence[Span], workers: Workers, scratch: Scratch) -> Iterator[Self]:
        """Give the parts of this block that have these ranks, one behind the other, each a block by itself."""
        begins = self.starts[:-1].copy()
        for ranks in spans:
            yield self._part(ranks, begins, workers, scratch)

    def _part(self, ranks: Span, begins: Ints, workers: Workers, scratch: Scratch) -> Self:
        """Copy the entries of some ranks, which is where each user's list begins now; then it begins behind them."""
        first, last = ranks[0] - self.ranks[0], ranks[1] - self.ranks[0]
        spans, lengths = even_spans(self.starts, workers.n), np.empty(len(self.users), np.int64)
        workers.each(lambda n: count_below(self.entries, begins, self.starts[1:], last, spans[n], lengths))
        starts = indptr_of(lengths)
        entries = scratch.empty(2 * int(starts[-1]), np.uint32).reshape(-1, 2)
        workers.each(lambda n: copy_parts(self.entries, begins, first, spans[n], starts, entries))
        listed = np.flatnonzero(lengths)
        return type(self)(
            ranks, self.n_users[first:last], self.users[listed], np.append(starts[listed], starts[-1]), entries
        )

    def lists_against(self, before: Self, workers: Workers) -> Lists:
        """Give for each item where the lists of the items before it are: those of an earlier block, or of this one."""
        meeting = Meeting(self.users, self.starts, self.entries, before.users, before.starts, before is self)
        indptr = indptr_of(self.n_users)
        firsts, lasts = indptr[:-1], indptr[:-1].copy()
        postings, additions = np.empty(indptr[-1], np.uint64), np.zeros(self.n_items, np.int64)
        weights = np.empty(0 if before is self else len(postings), np.float32)
        parts = even_spans(indptr, workers.n)
        workers.each(lambda part: list_by_item(meeting, parts[part], lasts, additions, postings, weights))
        return Lists(self.ranks, before.ranks, before.entries, firsts, lasts, postings, weights, additions)


@dataclass(frozen=True)
class PairedItems:
    """All items of user_items that can have a neighbour, laid out so that each pair of them can be compared."""

    ranking: Ranking
    blocks: list[Block]
    workers: Workers

    @classmethod
    def of(cls, user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch) -> Self:
        """Lay out the items of min_users users at least."""
        csr = csr_of(user_items)
        ranking = Ranking.of(csr, user_items.shape[1], min_users, workers)
        spans = ranking.cut(scratch.work_bytes and scratch.work_bytes // BYTES_AN_INTERACTION)
        return cls(ranking, [Block.of(csr, ranking, span, workers, scratch) for span in spans], workers)

    @property
    def n_pairs_of_interactions(self) -> int:
        """The number of a user's pairs of items, of all users: what one pass over all pairs adds up."""
        lengths = np.zeros(self.ranking.n_all_users, np.int64)
        for block in self.blocks:
            lengths[block.users] += np.diff(block.starts)
        return int((lengths * (lengths - 1) // 2).sum())

    def meetings(self) -> Iterator[Lists]:
        """Let every block of items meet those before it, and itself."""
        for number, block in enumerate(self.blocks):
            for before in self.blocks[: number + 1]:
                yield block.lists_against(before, self.workers)


def csr_of(user_items: "sp.csr_matrix") -> Csr:
    """Give the arrays of a matrix as the kernel takes them."""
    return user_items.indptr.astype(np.int64, copy=False), user_items.indices, user_items.data
