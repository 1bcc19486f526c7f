"""Keys: a score and an item in one uint64, so that the better of two is the greater.

The score's bits come first (scores are positive, so that these rise with them), then the item's complement: of equal
scores the lower item is the better one, and no two keys are equal.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.machine import bits_of, float_of

Keys = NDArray[np.uint64]


@njit(cache=True, nogil=True, error_model="numpy")
def key_of(score: np.float32, item: int) -> np.uint64:
    """Give the key of an item with a score above 0."""
    return np.uint64(bits_of(score)) << np.uint64(32) | np.uint64(0xFFFFFFFF - item)


@njit(cache=True, nogil=True, error_model="numpy")
def score_of(key: np.uint64) -> np.float32:
    """Give the score in a key."""
    score: np.float32 = float_of(np.uint32(key >> np.uint64(32)))
    return score


def unpack_keys(keys: Keys) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Take the items and the scores out of keys."""
    halves = keys.view(np.uint32).reshape(-1, 2)  # little-endian: the item's complement, then the score's bits
    return (np.uint32(0xFFFFFFFF) - halves[:, 0]).astype(np.int32), halves[:, 1].view(np.float32)
