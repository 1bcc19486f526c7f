"""Picking rows of a CSR: without scipy, which the API does not hold."""

import numpy as np
from numpy.typing import NDArray


def entries_of_rows(indptr: NDArray[np.int64], rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the place of each entry of some rows of a CSR, row after row, and each of these rows' length."""
    starts = indptr[rows]
    lengths = indptr[rows.astype(np.int64) + 1] - starts
    rows_begin = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - rows_begin, lengths), lengths
