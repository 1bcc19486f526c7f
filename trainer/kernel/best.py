"""The best so far of each item: a row of keys with room for some more, of which the worst go when it is full.

So taking a key costs a write, and now and then all that were taken are looked at together; a heap costs a walk through
the row for each.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.keys import Keys, score_of

# A score that rounds to the worst key's may be less by so much.
_ROUNDING = 1 - 2.0**-23
# Keys that a row takes until it is looked at, for each that stays; and at least so many.
_ROOM, _LEAST_ROOM = 0.5, 8


class Best(NamedTuple):
    """For each item the keys of its best, uint64 (n_items, more than k), how many, and below which score none gets in.

    `counts` int32 and `floors` float64 are (n_items,); places behind the counts hold nothing that matters.
    """

    keys: Keys
    counts: NDArray[np.int32]
    floors: NDArray[np.float64]
    k: int

    @classmethod
    def none_yet(cls, n_items: int, k: int) -> Self:
        """Give room for the best k of each item."""
        n_places = k + max(_LEAST_ROOM, int(_ROOM * k))
        return cls(np.zeros((n_items, n_places), np.uint64), np.zeros(n_items, np.int32), np.zeros(n_items), k)


@njit(cache=True, nogil=True, error_model="numpy")
def leave_best(keys: Keys, item: int, k: int) -> tuple[int, np.float64]:
    """Leave the best k of an item whose row is full: give k, and the score below which none gets in from now on."""
    put_best_first(keys, item, keys.shape[1], k)
    worst = keys[item, 0]
    for place in range(1, k):
        worst = min(worst, keys[item, place])
    return k, np.float64(score_of(worst)) * _ROUNDING


@njit(cache=True, nogil=True, error_model="numpy")
def take_keys(best: Best, starts: NDArray[np.int64], keys: Keys, first: int, last: int) -> None:
    """Take keys among the best of the items from `first` up to `last`; where these begin is `starts`."""
    for item in range(first, last):
        for place in range(starts[item], starts[item + 1]):
            if score_of(keys[place]) >= best.floors[item]:
                best.keys[item, best.counts[item]] = keys[place]
                best.counts[item] += 1
                if best.counts[item] == best.keys.shape[1]:
                    best.counts[item], best.floors[item] = leave_best(best.keys, item, best.k)


@njit(cache=True, nogil=True, error_model="numpy")
def raise_floors(best: Best) -> None:
    """Let the floors of settled items be what the worst of their best k scores: none that scores less gets in."""
    for item in range(len(best.counts)):
        if best.counts[item] == best.k:
            worst = best.keys[item, 0]
            for place in range(1, best.k):
                worst = min(worst, best.keys[item, place])
            best.floors[item] = np.float64(score_of(worst)) * _ROUNDING


@njit(cache=True, nogil=True, error_model="numpy")
def settle(best: Best, first: int, last: int) -> None:
    """Leave no more than the best k of the items from `first` up to `last`."""
    for item in range(first, last):
        if best.counts[item] > best.k:
            put_best_first(best.keys, item, best.counts[item], best.k)
            best.counts[item] = best.k
        best.keys[item, best.counts[item] :] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def put_best_first(keys: Keys, row: int, n: int, k: int) -> None:
    """Put the k greatest of the first n keys of a row first, in no order: Hoare's quickselect.

    The partition (Lomuto's) has no branch, since a processor would guess wrong half of the time.
    """
    first, last, wanted = 0, n, k
    while wanted < last - first:
        pivot, place = _pivot(keys[row, first], keys[row, (first + last) // 2], keys[row, last - 1]), first
        for other in range(first, last):
            key = keys[row, other]
            keys[row, other] = keys[row, place]
            keys[row, place] = key
            place += int(key >= pivot)
        n_greater = place - first
        if n_greater <= wanted:
            first, wanted = place, wanted - n_greater
            if not wanted:
                return
        else:
            last = place


@njit(cache=True, nogil=True, error_model="numpy")
def _pivot(a: np.uint64, b: np.uint64, c: np.uint64) -> np.uint64:
    """Give the middle one of three, or the greater of two where the row has no more: never the least of the row."""
    if b == c:
        return max(a, b)
    return max(min(a, b), min(max(a, b), c))
