"""The lists of many users, compiled: what model.many_lists gives, bit for bit and many times as fast.

Sums are made as the served code makes them: products and sums in float64, in the order of the history, and at last
rounded to float32.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.histories import Histories
from model.neighbours import Neighbours
from trainer.kernel.heap import make_heap, push, sift_down
from trainer.kernel.keys import Keys
from trainer.kernel.machine import add_eight, add_one, bits_of, clear_eight, clear_one

Items = NDArray[np.int32]
_SIGN, _ALL_BITS = 0x80000000, 0xFFFFFFFF
# Looking through all items costs about an addition for so many of them.
_ITEMS_AN_ADDITION = 3


class Listed(NamedTuple):
    """Each item's neighbours: `indptr` int64 (n_items + 1,), `entries` uint32 (n_pairs, 2), score as bits and item."""

    indptr: NDArray[np.int64]
    entries: NDArray[np.uint32]

    @classmethod
    def of(cls, neighbours: Neighbours) -> Self:
        """Copy the neighbours of a model."""
        columns = (np.asarray(neighbours.scores).view(np.uint32), np.asarray(neighbours.indices).view(np.uint32))
        return cls(np.asarray(neighbours.indptr), np.column_stack(columns))


class History(NamedTuple):
    """Histories as compiled code takes them: `indptr` int64, `items` int32, `weights` float32.

    `again` float32 is empty where lists are of items that a user does not have.
    """

    indptr: NDArray[np.int64]
    items: Items
    weights: NDArray[np.float32]
    again: NDArray[np.float32]

    @classmethod
    def of(cls, histories: Histories) -> Self:
        """Take histories as they are."""
        again = np.empty(0, np.float32) if histories.again is None else histories.again
        return cls(*map(np.asarray, (histories.indptr, histories.indices, histories.weights, again)))


@njit(cache=True, nogil=True, error_model="numpy")
def list_reached(neighbours: Listed, history: History, users: tuple[int, int], lists: Items) -> None:
    """Write the lists of the users from users[0] up to users[1], int32 (n_users, k), of what their rows lead to."""
    n_items = len(neighbours.indptr) - 1
    sums, heap = np.zeros((n_items, 2)), np.empty((1, lists.shape[1]), np.uint64)
    for user in range(users[0], users[1]):
        first, last = history.indptr[user], history.indptr[user + 1]
        items = history.items[first:last]
        n_added = _add_up(neighbours, items, history.weights[first:last], sums)
        _settle_own(items, history.again[first:last], sums)
        if n_added * _ITEMS_AN_ADDITION >= n_items:
            n = _look_through(sums, heap)
        else:
            n = _walk_again(neighbours, items, sums, heap)
        write_items(heap, n, lists[user])


@njit(cache=True, nogil=True, error_model="numpy")
def fill_up(by_popularity: Items, history: History, users: tuple[int, int], lists: Items) -> None:
    """Complete these users' lists by the most popular items that are neither in the list nor in the history."""
    for user in range(users[0], users[1]):
        row, n = lists[user], lists.shape[1]
        while n > 0 and row[n - 1] < 0:
            n -= 1
        if n < len(row):
            _fill(by_popularity, history.items[history.indptr[user] : history.indptr[user + 1]], row, n)


@njit(cache=True, nogil=True, error_model="numpy")
def _add_up(neighbours: Listed, items: Items, weights: NDArray[np.float32], sums: NDArray[np.float64]) -> int:
    """Add up the neighbours of a history's items by weight, how many and how much; give the number of additions."""
    indptr, entries, n_added = neighbours.indptr, neighbours.entries, 0
    for number in range(len(items)):
        first, last, weight = indptr[items[number]], indptr[items[number] + 1], np.float64(weights[number])
        in_eights = first + ((last - first) & ~7)
        for entry in range(first, in_eights, 8):
            add_eight(sums, entries, entry, weight)
        for entry in range(in_eights, last):
            add_one(sums, entries, entry, weight)
        n_added += last - first
    return n_added


@njit(cache=True, nogil=True, error_model="numpy")
def _settle_own(items: Items, again: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
    """Let the history's own items come again, or take them out."""
    for item in items[len(again) :]:
        sums[item, 0] = 0
    for number in range(len(again)):
        sums[items[number], 0] += 1
        sums[items[number], 1] += np.float64(again[number])


@njit(cache=True, nogil=True, error_model="numpy")
def _look_through(sums: NDArray[np.float64], heap: Keys) -> int:
    """Put the best of what was reached on the heap, and clear all; give how many there are."""
    n = 0
    for item in range(len(sums)):
        if sums[item, 0] > 0:
            n = push(heap, 0, n, rising_key(sums[item, 1], item))
    sums[:] = 0
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def _walk_again(neighbours: Listed, items: Items, sums: NDArray[np.float64], heap: Keys) -> int:
    """Do the same on the way that was added up, the history's own items first."""
    indptr, entries, n = neighbours.indptr, neighbours.entries, 0
    for asked in items:
        if sums[asked, 0] > 0:
            n = push(heap, 0, n, rising_key(sums[asked, 1], asked))
        sums[asked, 0], sums[asked, 1] = 0, 0
    for asked in items:
        for entry in range(indptr[asked], indptr[asked + 1]):
            item = int(entries[entry, 1])
            if sums[item, 0] > 0:
                n = push(heap, 0, n, rising_key(sums[item, 1], item))
                sums[item, 0] = 0  # so that it is not found again
    _clear(neighbours, items, sums)
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def _clear(neighbours: Listed, items: Items, sums: NDArray[np.float64]) -> None:
    """Clear what the rows of these items lead to."""
    indptr, entries = neighbours.indptr, neighbours.entries
    for asked in items:
        first, last = indptr[asked], indptr[asked + 1]
        in_eights = first + ((last - first) & ~7)
        for entry in range(first, in_eights, 8):
            clear_eight(sums, entries, entry)
        for entry in range(in_eights, last):
            clear_one(sums, entries, entry)


@njit(cache=True, nogil=True, error_model="numpy")
def rising_key(total: float, item: int) -> np.uint64:
    """Give a key that rises with the sum, also below 0, and falls with the item."""
    bits = bits_of(np.float32(total))
    rising = bits ^ np.uint32(_ALL_BITS if bits & np.uint32(_SIGN) else _SIGN)
    return np.uint64(rising) << np.uint64(32) | np.uint64(_ALL_BITS - item)


@njit(cache=True, nogil=True, error_model="numpy")
def write_items(heap: Keys, n: int, row: Items) -> None:
    """Write the items of n keys, the best first: the worst is on top, and goes to the end."""
    make_heap(heap, 0, n)
    for last in range(n - 1, -1, -1):
        row[last] = _ALL_BITS - np.int64(heap[0, 0] & np.uint64(_ALL_BITS))
        heap[0, 0] = heap[0, last]
        sift_down(heap, 0, 0, last)


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(by_popularity: Items, history: Items, row: Items, n: int) -> None:
    """Complete a list of n by the most popular items that are neither in it nor in the history."""
    place = n
    for item in by_popularity:
        if place == len(row):
            return
        if not (np.any(history == item) or np.any(row[:n] == item)):
            row[place] = item
            place += 1
