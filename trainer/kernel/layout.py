"""Putting user_items in the order that the kernel reads: lists of users, and for each item where it stands in them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.machine import bits_of, float_of, prefetch

Ints = NDArray[np.int64]
Ranks = NDArray[np.int32]
# (indptr, items, weights) of user_items' rows
Csr = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
# Two columns, see trainer.similarity.layout
Pairs = NDArray[np.uint32] | NDArray[np.int64]
_AHEAD = 16


@njit(cache=True, nogil=True, error_model="numpy")
def count_users(user_items: Csr, first: int, last: int, counts: Ints) -> None:
    """Count for each item the users from `first` up to `last` who have it."""
    indptr, items, _ = user_items
    for p in range(indptr[first], indptr[last]):
        counts[items[p]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def count_ranked(user_items: Csr, ranks: Ranks, first: int, last: int, lengths: Ints) -> None:
    """Count for each user the items that have a rank."""
    indptr, items, _ = user_items
    for user in range(first, last):
        for p in range(indptr[user], indptr[user + 1]):
            lengths[user] += ranks[items[p]] >= 0


@njit(cache=True, nogil=True, error_model="numpy")
def list_by_item(user_items: Csr, ranks: Ranks, first: int, last: int, free: Ints, postings: Pairs) -> None:
    """Write user and weight of each interaction at its item's next free place: a counting sort, one pass."""
    indptr, items, weights = user_items
    for user in range(first, last):
        for p in range(indptr[user], indptr[user + 1]):
            rank = ranks[items[p]]
            if rank >= 0:
                place = free[rank]
                postings[place, 0], postings[place, 1] = user, bits_of(weights[p])
                free[rank] = place + 1


@njit(cache=True, nogil=True, error_model="numpy")
def sum_squares(postings: Pairs, indptr: Ints, first: int, last: int, squares: NDArray[np.float64]) -> None:
    """Give the items from `first` up to `last` their summed squared weight."""
    for rank in range(first, last):
        for p in range(indptr[rank], indptr[rank + 1]):
            squares[rank] += np.float64(float_of(np.uint32(postings[p, 1]))) ** 2


@njit(cache=True, nogil=True, error_model="numpy")
def list_by_user(
    postings: Pairs, spans: tuple[Ints, Ints], starts: Ints, filled: Ranks, entries: NDArray[np.uint32], additions: Ints
) -> None:
    """Fill the lists of some users, rank after rank, and say in the postings where each one's entry stands.

    The users are those in the spans of the postings, from spans[0] up to spans[1] for each rank. A posting (user,
    weight) becomes (start of the user's list, place in it), and the entry there (rank, weight). Places are added up by
    rank.
    """
    firsts, lasts = spans
    for rank in range(len(firsts)):
        last = lasts[rank]
        for p in range(firsts[rank], last):
            user = np.int64(postings[p, 0])
            soon = np.int64(postings[min(p + _AHEAD, last - 1), 0])
            prefetch(entries, starts[soon] + filled[soon])
            start, place = starts[user], filled[user]
            entries[start + place, 0], entries[start + place, 1] = rank, np.uint32(postings[p, 1])
            postings[p, 0], postings[p, 1] = start, place
            filled[user] = place + 1
            additions[rank] += place
