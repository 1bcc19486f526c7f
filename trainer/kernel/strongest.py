"""The strongest items of a user's history: those that weigh most."""

import numpy as np
from numba import njit

from trainer.kernel.heap import push
from trainer.kernel.lists import History, Items, rising_key, write_items


@njit(cache=True, nogil=True, error_model="numpy")
def strongest_items(history: History, users: Items, strongest: Items) -> None:
    """Write the items of the highest weights of each of these users, of equals the first, int32 (len(users), most)."""
    heap = np.empty((1, strongest.shape[1]), np.uint64)
    for number in range(len(users)):
        n = 0
        for place in range(history.indptr[users[number]], history.indptr[users[number] + 1]):
            n = push(heap, 0, n, rising_key(np.float64(history.weights[place]), history.items[place]))
        write_items(heap, n, strongest[number])
