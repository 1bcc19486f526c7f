"""Picking rows of a CSR: without scipy, which the API does not hold."""

import numpy as np
from numpy.typing import NDArray


def entries_of_rows(indptr: NDArray[np.int64], rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the place of each entry of some rows of a CSR, row after row, and each of these rows' length."""
    starts = indptr[rows]
    lengths = indptr[1:][rows] - starts
    entries = np.arange(lengths.sum())
    entries += (starts - (lengths.cumsum() - lengths)).repeat(lengths)
    return entries, lengths
