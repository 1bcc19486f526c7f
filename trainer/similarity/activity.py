"""What a user's activity takes from the weight of theirs: who has bought everything says little about any two items."""

from typing import TYPE_CHECKING

import numpy as np

from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.arrays.spans import indptr_of, spans_of_at_most
from trainer.arrays.sparse import matrix_of_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

_INTERACTIONS_AT_ONCE = 1 << 20


def by_activity(user_items: "sp.csr_matrix", exponent: float, scratch: Scratch = IN_MEMORY) -> "sp.csr_matrix":
    """Give user_items with weights times d_u^(-exponent / 2), d_u being the number of a user's items; itself for 0."""
    if not exponent:
        return user_items
    lengths = np.diff(user_items.indptr).astype(np.int64)
    factors = (np.maximum(lengths, 1) ** (-exponent / 2)).astype(np.float32)
    weights = scratch.empty(user_items.nnz, np.float32)
    indptr = indptr_of(lengths)
    for first, last in spans_of_at_most(indptr, _INTERACTIONS_AT_ONCE):
        span = slice(indptr[first], indptr[last])
        weights[span] = user_items.data[span] * np.repeat(factors[first:last], lengths[first:last])
    return matrix_of_rows(indptr, user_items.indices, weights, user_items.shape)
