"""What is known at a cut: which users, what they had, and what choice it leaves them.

A pair of user and item is written as user_idx * n_products + item_idx, int64. The events are looked through a block at
a time, so that looking takes little memory.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.counts import count_more
from trainer.events import Events

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def n_events_until(events: Events, seconds: int) -> Ints:
    """Count each user's events up to a time, int64 (n_users,)."""
    counts = np.zeros(len(events.users), np.int64)
    for block in events.blocks():
        count_more(events.user_idx[block][events.occurred_at[block] <= seconds], counts)
    return counts


def had_until(events: Events, seconds: int, pairs: Ints) -> Bools:
    """Tell which of these rising pairs have an event up to a time, bool (n_pairs,)."""
    had = np.zeros(len(pairs), np.bool_)
    if not len(pairs):
        return had
    for early in _pairs_until(events, seconds, pairs // len(events.products)):
        places = np.minimum(np.searchsorted(pairs, early), len(pairs) - 1)
        had[places[pairs[places] == early]] = True
    return had


def have_left(events: Events, seconds: int, users: Ints, least: int) -> Bools:
    """Tell which of these rising users had all but `least` products at most up to a time, bool (n_users,)."""
    n_products = len(events.products)
    enough = n_products - n_events_until(events, seconds)[users] >= least
    # Several events may be of one product: that is looked into only where it matters.
    unsure = users[~enough]
    if len(unsure):
        owners = np.unique(np.concatenate(list(_pairs_until(events, seconds, unsure)))) // n_products
        n_had = np.bincount(np.searchsorted(unsure, owners), minlength=len(unsure))
        enough[~enough] = n_products - n_had >= least
    return enough


def _pairs_until(events: Events, seconds: int, users: Ints) -> Iterator[Ints]:
    """Give the pairs of these users' events up to a time, block by block."""
    is_asked = np.zeros(len(events.users), np.bool_)
    is_asked[users] = True
    for block in events.blocks():
        early = (events.occurred_at[block] <= seconds) & is_asked[events.user_idx[block]]
        yield events.user_idx[block][early] * np.int64(len(events.products)) + events.item_idx[block][early]
