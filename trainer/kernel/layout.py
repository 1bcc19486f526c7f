"""Putting user_items in the order that the kernel reads: lists of users, and for each item where it stands in them.

Users are taken in the order in which they are, so that sums come out the same however many threads share the work.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.arrays.spans import Span
from trainer.kernel.machine import bits_of, float_of
from trainer.kernel.order import MOST_COMPARED, n_below

Ints = NDArray[np.int64]
Ranks = NDArray[np.int32]
Floats = NDArray[np.float32]
# (indptr, items, weights) of user_items' rows
Csr = tuple[NDArray[np.int64], NDArray[np.int32], Floats]
# A place in a list, and the list's start above it: lists of up to 2^24 items, 2^40 entries in all.
PLACE_BITS = 24


class Meeting(NamedTuple):
    """The lists of a block of items, and those of the items that they are to meet: of an earlier block, or the same.

    `users` and `users_before` int32 (n,), rising, are those who have a list in either block, `starts` and
    `starts_before` int64 (n + 1,) where it begins in the block's entries; `entries` uint32 (n, 2) are the first
    block's: weight (its bits) and rank within the block.
    """

    users: Ranks
    starts: Ints
    entries: NDArray[np.uint32]
    users_before: Ranks
    starts_before: Ints
    is_same: bool


@njit(cache=True, nogil=True, error_model="numpy")
def measure_items(user_items: Csr, users: Span, counts: Ints, squares: NDArray[np.float64]) -> None:
    """Count for each item those of the users who have it, and sum up the squares of its weights."""
    indptr, items, weights = user_items
    for p in range(indptr[users[0]], indptr[users[1]]):
        counts[items[p]] += 1
        squares[items[p]] += np.float64(weights[p]) ** 2


@njit(cache=True, nogil=True, error_model="numpy")
def count_ranked(user_items: Csr, ranks: Ranks, block: Span, users: Span, lengths: Ints) -> None:
    """Count for each of the users the items whose rank is in the block."""
    indptr, items, _ = user_items
    for user in range(users[0], users[1]):
        n = 0
        for p in range(indptr[user], indptr[user + 1]):
            n += (ranks[items[p]] >= block[0]) & (ranks[items[p]] < block[1])
        lengths[user] = n


@njit(cache=True, nogil=True, error_model="numpy")
def list_by_user(
    user_items: Csr, ranks: Ranks, block: Span, users: Span, starts: Ints, entries: NDArray[np.uint64]
) -> None:
    """Write each of the users' list, by rising rank within the block: as entries, two columns as one number."""
    indptr, items, weights = user_items
    own, unsorted = np.empty(MOST_COMPARED, np.int32), np.empty(MOST_COMPARED, np.uint64)
    for user in range(users[0], users[1]):
        first, n = starts[user], 0
        is_short = starts[user + 1] - first <= MOST_COMPARED
        for p in range(indptr[user], indptr[user + 1]):
            rank = ranks[items[p]]
            if (rank >= block[0]) & (rank < block[1]):
                entry = np.uint64(rank - block[0]) << np.uint64(32) | np.uint64(bits_of(weights[p]))
                if is_short:
                    own[n], unsorted[n] = rank, entry
                else:
                    entries[first + n] = entry
                n += 1
        if is_short:
            for number in range(n):
                entries[first + n_below(own, n, own[number])] = unsorted[number]
        else:
            entries[first : first + n].sort()


@njit(cache=True, nogil=True, error_model="numpy")
def count_below(entries: NDArray[np.uint32], begins: Ints, ends: Ints, rank: int, numbers: Span, lengths: Ints) -> None:
    """Count for each of some lists, from where it begins, the entries below a rank."""
    for number in range(numbers[0], numbers[1]):
        entry = begins[number]
        while entry < ends[number] and entries[entry, 1] < rank:
            entry += 1
        lengths[number] = entry - begins[number]


@njit(cache=True, nogil=True, error_model="numpy")
def copy_parts(
    entries: NDArray[np.uint32], begins: Ints, first_rank: int, numbers: Span, starts: Ints, parts: NDArray[np.uint32]
) -> None:
    """Write a part of each of some lists, by rank from `first_rank` on, which then begins behind it."""
    for number in range(numbers[0], numbers[1]):
        entry = begins[number]
        for place in range(starts[number], starts[number + 1]):
            parts[place, 0], parts[place, 1] = entries[entry, 0], entries[entry, 1] - first_rank
            entry += 1
        begins[number] = entry


@njit(cache=True, nogil=True, error_model="numpy")
def _first_from(users: Ranks, number: int, user: int) -> int:
    """Give the place of the first of rising users, from a place on, who is not before this one."""
    while number < len(users) and users[number] < user:
        number += 1
    return number


@njit(cache=True, nogil=True, error_model="numpy")
def list_by_item(
    meeting: Meeting, ranks: Span, free: Ints, additions: Ints, postings: NDArray[np.uint64], weights: Floats
) -> None:
    """Write at each item's next free place where the list before it begins, and how long that is: a counting sort.

    The items are those of some ranks within the block. An item's weight is written too, where that is not found at the
    list's end: `weights` has no place elsewhere. Users who have no list in the block before are left out.
    """
    users, starts, entries = meeting.users, meeting.starts, meeting.entries
    users_before, number_before = meeting.users_before, 0
    for number in range(len(users)):
        number_before = _first_from(users_before, number_before, users[number])
        if number_before == len(users_before):
            return
        if users_before[number_before] != users[number]:
            continue
        first_before = meeting.starts_before[number_before]
        n_before = meeting.starts_before[number_before + 1] - first_before
        for entry in range(starts[number], starts[number + 1]):
            rank = np.int64(entries[entry, 1])
            if rank >= ranks[1]:
                break
            if rank >= ranks[0]:
                n = entry - starts[number] if meeting.is_same else n_before
                place = free[rank]
                postings[place] = np.uint64(first_before) << np.uint64(PLACE_BITS) | np.uint64(n)
                if len(weights):
                    weights[place] = float_of(entries[entry, 0])
                free[rank] = place + 1
                additions[rank] += n
