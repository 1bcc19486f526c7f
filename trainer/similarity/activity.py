"""What a user's activity takes from the weight of theirs: who has bought everything says little about any two items."""

import numpy as np
import scipy.sparse as sp

from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.arrays.spans import indptr_of, spans_of_at_most

_INTERACTIONS_AT_ONCE = 1 << 20


def by_activity(user_items: sp.csr_matrix, exponent: float, scratch: Scratch = IN_MEMORY) -> sp.csr_matrix:
    """Give user_items with weights times d_u^(-exponent / 2), d_u being the number of a user's items; itself for 0."""
    if not exponent:
        return user_items
    lengths = np.diff(user_items.indptr).astype(np.int64)
    factors = (np.maximum(lengths, 1) ** (-exponent / 2)).astype(np.float32)
    weights = scratch.empty(user_items.nnz, np.float32)
    for first, last in spans_of_at_most(indptr_of(lengths), _INTERACTIONS_AT_ONCE):
        span = slice(user_items.indptr[first], user_items.indptr[last])
        weights[span] = user_items.data[span] * np.repeat(factors[first:last], lengths[first:last])
    return sp.csr_matrix((weights, user_items.indices, user_items.indptr), shape=user_items.shape)
