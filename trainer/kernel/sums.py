"""Counting and adding up by number, in one look and without a copy: NumPy's bincount makes one of eight bytes each."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Numbers = NDArray[np.int32] | NDArray[np.uint8]


@njit(cache=True, nogil=True, error_model="numpy")
def count_each(numbers: Numbers, counts: NDArray[np.int64]) -> None:
    """Count how often each number occurs, `counts` int64 (n,)."""
    for e in range(len(numbers)):
        counts[numbers[e]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def longest_run(numbers: NDArray[np.uint32]) -> int:
    """Give how often the commonest of rising numbers occurs."""
    longest, first = 0, 0
    for e in range(len(numbers)):
        if numbers[e] != numbers[first]:
            first = e
        longest = max(longest, e + 1 - first)
    return longest


@njit(cache=True, nogil=True, error_model="numpy")
def sum_by(numbers: NDArray[np.int32], weights: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
    """Add up the weights of each number, `sums` float64 (n,)."""
    for e in range(len(numbers)):
        sums[numbers[e]] += weights[e]
