"""What users come back for, user by user."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.lists import History

Floats = NDArray[np.float32]


@njit(cache=True, nogil=True, error_model="numpy")
def share_of_best(indptr: NDArray[np.int64], values: Floats) -> None:
    """Divide the values of each row by the highest, where that is above 0, in place."""
    for user in range(len(indptr) - 1):
        row = values[indptr[user] : indptr[user + 1]]
        highest = np.float32(0)
        for value in row:
            highest = max(highest, value)
        if highest > 0:
            for number in range(len(row)):
                row[number] /= highest


@njit(cache=True, nogil=True, error_model="numpy")
def scale_to_reach(history: History, tops: Floats, strength: float, again: Floats) -> None:
    """Multiply each row of `again`, in place, by the strength and by what its user's list can reach.

    That is the sum of weight * top over the history's items, `tops` float32 (n_items,); 1 where it is not above 0.
    """
    for user in range(len(history.indptr) - 1):
        reach = 0.0
        for place in range(history.indptr[user], history.indptr[user + 1]):
            reach += np.float64(history.weights[place]) * tops[history.items[place]]
        factor = strength * (reach if reach > 0 else 1.0)
        for place in range(history.indptr[user], history.indptr[user + 1]):
            again[place] = again[place] * factor
