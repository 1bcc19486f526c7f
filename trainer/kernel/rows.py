"""From events to the rows of user_items: a counting sort by user, then each user's repeats added up."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.arrays.spans import Span
from trainer.kernel.order import MOST_COMPARED, n_below

Ints = NDArray[np.int64]
Items = NDArray[np.int32]
Floats = NDArray[np.float32]
# Items and their weights.
Rows = tuple[Items, Floats]
# (user_idx, item_idx, weight, occurred_at) of events
Columns = tuple[Items, Items, Floats, NDArray[np.uint32]]


@njit(cache=True, nogil=True, error_model="numpy")
def count_by_user(columns: Columns, events: Span, until: int, counts: Ints) -> None:
    """Count each user's events up to a time, of those from events[0] up to events[1]."""
    user_idx, _, _, occurred_at = columns
    for e in range(events[0], events[1]):
        if occurred_at[e] <= until:
            counts[user_idx[e]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def order_by_user(columns: Columns, events: Span, until: int, users: Span, free: Ints, rows: Rows) -> None:
    """Put the item and weight of each of these users' events at the user's next free place: one pass, no comparison."""
    user_idx, item_idx, weight, occurred_at = columns
    items, weights = rows
    for e in range(events[0], events[1]):
        user = user_idx[e]
        if (occurred_at[e] <= until) & (user >= users[0]) & (user < users[1]):
            place = free[user]
            items[place], weights[place] = item_idx[e], weight[e]
            free[user] = place + 1


@njit(cache=True, nogil=True, error_model="numpy")
def add_up_repeats(starts: Ints, users: Span, rows: Rows, n_items: int, lengths: Ints) -> None:
    """Leave the users' distinct items, rising, with their summed weights, at the front of the users' place.

    Writes the number of distinct items of each user. Works in place: what is written never overtakes what is read.
    """
    items, weights = rows
    sums, seen = np.zeros(n_items, np.float64), np.zeros(n_items, np.bool_)
    unordered, end = np.empty(MOST_COMPARED, np.int32), starts[users[0]]
    for user in range(users[0], users[1]):
        first = end
        for e in range(starts[user], starts[user + 1]):
            item = items[e]
            sums[item] += weights[e]
            if not seen[item]:
                seen[item] = True
                items[end] = item
                end += 1
        _put_in_order(items, first, end, unordered)
        for p in range(first, end):
            weights[p] = sums[items[p]]
            sums[items[p]], seen[items[p]] = 0.0, False
        lengths[user] = end - first


@njit(cache=True, nogil=True, error_model="numpy")
def move_down(rows: Rows, first: int, to: int, n: int) -> None:
    """Move n items and weights from `first` on to a lower place."""
    items, weights = rows
    for number in range(n if first > to else 0):
        items[to + number], weights[to + number] = items[first + number], weights[first + number]


@njit(cache=True, nogil=True, error_model="numpy")
def _put_in_order(items: Items, first: int, last: int, unordered: Items) -> None:
    """Put distinct items in rising order."""
    n = last - first
    if n > MOST_COMPARED:
        items[first:last].sort()
        return
    for number in range(n):
        unordered[number] = items[first + number]
    for number in range(n):
        items[first + n_below(unordered, n, unordered[number])] = unordered[number]
