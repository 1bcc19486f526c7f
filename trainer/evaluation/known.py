"""What is known at a cut: which users, what they had, and what choice it leaves them.

A pair of user and item is written as user_idx * n_products + item_idx, int64. Looking through the events takes little
memory, however many there are.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.events import Events

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def n_events_until(events: Events, seconds: int) -> Ints:
    """Count each user's events up to a time, int64 (n_users,)."""
    from trainer.kernel.rows import count_by_user  # noqa: PLC0415 (Numba takes 0.3 s to import)

    counts = np.zeros(len(events.users), np.int64)
    count_by_user(events.columns, (0, len(events)), seconds, counts)
    return counts


def had_until(events: Events, seconds: int, pairs: Ints) -> Bools:
    """Tell which of these rising pairs have an event up to a time, bool (n_pairs,)."""
    from trainer.kernel.known import mark_had  # noqa: PLC0415 (Numba takes 0.3 s to import)

    users, items = np.divmod(pairs, len(events.products))
    starts = np.searchsorted(users, np.arange(len(events.users) + 1))
    had = np.zeros(len(pairs), np.bool_)
    mark_had(events.columns, seconds, starts, items.astype(np.int32), had)
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
