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
    keys, n = best.keys, best.counts[item]
    k = keys.shape[1]
    if n < k:
        keys[item, n] = key
        best.counts[item] = n + 1
        if n + 1 < k:
            return
        for root in range(k // 2 - 1, -1, -1):
            _sift_down(keys, item, root)
    elif key > keys[item, 0]:
        keys[item, 0] = key
        _sift_down(keys, item, 0)
    best.floors[item] = score_of(keys[item, 0]) * _ROUNDING


@njit(cache=True, nogil=True, error_model="numpy")
def _sift_down(keys: Keys, item: int, root: int) -> None:
    """Let the key at root sink until the item's heap below it has its smallest key on top again."""
    k, key, child = keys.shape[1], keys[item, root], 2 * root + 1
    while child < k:
        if child + 1 < k and keys[item, child + 1] < keys[item, child]:
            child += 1
        if keys[item, child] >= key:
            break
        keys[item, root], root, child = keys[item, child], child, 2 * child + 1
    keys[item, root] = key
