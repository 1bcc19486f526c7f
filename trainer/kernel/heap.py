"""A heap of keys with the worst on top: what is left of many is the best, in a row as short as it is to be."""

import numpy as np
from numba import njit

from trainer.kernel.keys import Keys


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
