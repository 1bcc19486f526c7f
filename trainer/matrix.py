"""user_items: for each user, each item they have an event with, and the summed weight of those events."""

from typing import Final

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from trainer.events import Events

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Times = NDArray[np.uint32]
_END_OF_TIME: Final = 2**32


def build_user_items(events: Events, until: int = _END_OF_TIME) -> sp.csr_matrix:
    """Add up the events of each (user, item) pair: CSR, float32 (n_users, n_items), items of a user rising.

    Later events than `until`, in seconds since 1970 UTC, are left out; users and items that have no other keep their
    place. Sums are made in float64, where sums of a few distinct weights are exact, so that the order in which the
    database gave the rows does not show in the result.
    """
    n_users, n_items = len(events.users), len(events.products)
    starts = _user_starts(events.user_idx, events.occurred_at, until, n_users)
    items, weights = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    columns = (events.user_idx, events.item_idx, events.weight, events.occurred_at)
    _order_by_user(columns, until, starts, items, weights)
    lengths = _add_up_repeats(starts, items, weights, n_items)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    n = int(indptr[-1])
    weights.resize(n, refcheck=False)  # gives the rest back to the system
    items.resize(n, refcheck=False)
    return sp.csr_matrix((weights, items, indptr), shape=(n_users, n_items))


def item_popularity(user_items: sp.csr_matrix) -> NDArray[np.float32]:
    """Give the summed weight of each item's events, (n_items,)."""
    sums = np.bincount(user_items.indices, weights=user_items.data, minlength=user_items.shape[1])
    return sums.astype(np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def _user_starts(user_idx: Ints, occurred_at: Times, until: int, n_users: int) -> NDArray[np.int64]:
    """Give where each user's events begin once they are in order of users, and at last where they end."""
    starts = np.zeros(n_users + 1, np.int64)
    for e in range(len(user_idx)):
        if occurred_at[e] <= until:
            starts[user_idx[e] + 1] += 1
    return np.cumsum(starts)


@njit(cache=True, nogil=True, error_model="numpy")
def _order_by_user(
    columns: tuple[Ints, Ints, Floats, Times], until: int, starts: NDArray[np.int64], items: Ints, weights: Floats
) -> None:
    """Put each event's item and weight where its user's begin: a counting sort, one pass and no comparison."""
    user_idx, item_idx, weight, occurred_at = columns
    free = starts[:-1].copy()
    for e in range(len(user_idx)):
        if occurred_at[e] <= until:
            place = free[user_idx[e]]
            items[place], weights[place] = item_idx[e], weight[e]
            free[user_idx[e]] = place + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _add_up_repeats(starts: NDArray[np.int64], items: Ints, weights: Floats, n_items: int) -> NDArray[np.int64]:
    """Leave each user's distinct items, rising, with their summed weights, at the front of the two arrays.

    Gives the number of distinct items of each user. Works in place: what is written never overtakes what is read.
    """
    lengths = np.zeros(len(starts) - 1, np.int64)
    sums = np.zeros(n_items, np.float64)
    seen = np.zeros(n_items, np.bool_)
    end = 0
    for u in range(len(lengths)):
        first = end
        for e in range(starts[u], starts[u + 1]):
            item = items[e]
            sums[item] += weights[e]
            if not seen[item]:
                seen[item] = True
                items[end] = item
                end += 1
        items[first:end].sort()
        for p in range(first, end):
            weights[p] = sums[items[p]]
            sums[items[p]], seen[items[p]] = 0.0, False
        lengths[u] = end - first
    return lengths
