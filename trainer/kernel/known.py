"""What users had up to a time, of what is asked of each: one look at the events."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.rows import Columns, Ints, Items


@njit(cache=True, nogil=True, error_model="numpy")
def mark_had(columns: Columns, until: int, starts: Ints, items: Items, had: NDArray[np.bool_]) -> None:
    """Mark what has an event up to a time; asked of user u are items[starts[u]:starts[u + 1]], rising."""
    user_idx, item_idx, _, occurred_at = columns
    for e in range(len(user_idx)):
        first, end = starts[user_idx[e]], starts[user_idx[e] + 1]
        if first == end or occurred_at[e] > until:
            continue
        place = first + np.searchsorted(items[first:end], item_idx[e])
        if place < end and items[place] == item_idx[e]:
            had[place] = True
