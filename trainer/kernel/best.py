"""The best so far of each item: a heap of keys with the worst on top, so that most others need one look."""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.keys import Keys, score_of

# A score that rounds to the worst key's may be less by so much.
_ROUNDING = 1 - 2.0**-23


class Best(NamedTuple):
    """For each item the keys of its best, uint64 (n_items, k), how many, and the score below which none gets in.

    `counts` int32 and `floors` float64 are (n_items,); places without a key are 0.
    """

    keys: Keys
    counts: NDArray[np.int32]
    floors: NDArray[np.float64]

    @classmethod
    def none_yet(cls, n_items: int, k: int) -> Self:
        """Give room for the best k of each item."""
        return cls(np.zeros((n_items, k), np.uint64), np.zeros(n_items, np.int32), np.zeros(n_items))


@njit(cache=True, nogil=True, error_model="numpy")
def keep(best: Best, item: int, key: np.uint64) -> None:
    """Take a key among the best of an item, if it is one of them."""
    keys = best.keys
    best.counts[item] = push(keys, item, best.counts[item], key)
    if best.counts[item] == keys.shape[1]:
        best.floors[item] = score_of(keys[item, 0]) * _ROUNDING


@njit(cache=True, nogil=True, error_model="numpy")
def push(keys: Keys, row: int, n: int, key: np.uint64) -> int:
    """Take a key into a row that holds n, if it is one of the best that fit; give how many it holds then."""
    k = keys.shape[1]
    if n < k:
        keys[row, n] = key
        if n + 1 == k:
            make_heap(keys, row, k)
        return n + 1
    if key > keys[row, 0]:
        keys[row, 0] = key
        sift_down(keys, row, 0, k)
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def make_heap(keys: Keys, row: int, n: int) -> None:
    """Put the first n keys of a row in such an order that each is at least its parent, at half its place."""
    for root in range(n // 2 - 1, -1, -1):
        sift_down(keys, row, root, n)


@njit(cache=True, nogil=True, error_model="numpy")
def sift_down(keys: Keys, row: int, root: int, n: int) -> None:
    """Let the key at root sink until the first n keys of the row are a heap again."""
    key, child = keys[row, root], 2 * root + 1
    while child < n:
        if child + 1 < n and keys[row, child + 1] < keys[row, child]:
            child += 1
        if keys[row, child] >= key:
            break
        keys[row, root], root, child = keys[row, child], child, 2 * child + 1
    keys[row, root] = key
