"""SciPy's matrix over arrays as they are, however many entries there are."""

from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

_MOST_IN_32_BITS: Final = 2**31 - 1


def matrix_of_rows(
    indptr: NDArray[np.int64], columns: NDArray[np.int32], values: NDArray[np.float32], shape: tuple[int, int]
) -> sp.csr_matrix:
    """Give the matrix of these rows; `columns` int32 and `values` (n_entries,) stay what and where they are.

    SciPy's own constructor looks through all columns, and copies them as int64 where indptr needs 64 bits: of 2^31
    entries 17 GB, which a model's file does not take either. Here `indptr` int64 (n_rows + 1,) alone is of the type
    that it needs. SciPy's products and slices take a matrix of both types, some by a copy; its `tocoo` does not.
    """
    matrix: sp.csr_matrix = sp.csr_matrix(shape)
    is_wide = indptr[-1] > _MOST_IN_32_BITS
    matrix.indptr = indptr.astype(np.int64 if is_wide else np.int32, copy=False)
    matrix.indices, matrix.data = columns, values
    return matrix
