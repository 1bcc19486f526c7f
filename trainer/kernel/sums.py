"""Counting and adding up by number, in one look and without a copy: NumPy's bincount makes one of eight bytes each."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Numbers = NDArray[np.int32] | NDArray[np.uint32] | NDArray[np.uint8]


@njit(cache=True, nogil=True, error_model="numpy")
def count_from(numbers: Numbers, first: int, counts: NDArray[np.int64]) -> None:
    """Count how often each number from `first` on occurs, `counts` int64 (n,); others are passed over."""
    for e in range(len(numbers)):
        place = np.int64(numbers[e]) - first
        if 0 <= place < len(counts):
            counts[place] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def sum_by(numbers: NDArray[np.int32], weights: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
    """Add up the weights of each number, `sums` float64 (n,)."""
    for e in range(len(numbers)):
        sums[numbers[e]] += weights[e]
