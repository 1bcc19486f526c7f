"""Shops whose data went bad overnight: each function makes of sound events what a broken export or a bot would."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.ids import IntegerIds
from trainer.events import Events

_DAY_SECONDS: Final = 86_400
_BOT_VIEWS: Final = 100_000

Spoil = Callable[[Events, np.random.Generator], Events]


def half_of_the_events_lost(events: Events, rng: np.random.Generator) -> Events:
    """An export that broke off: every second event is missing, at random."""
    return events.where(rng.random(len(events)) < 0.5)


def best_seller_lost(events: Events, _rng: np.random.Generator) -> Events:
    """A join that drops one product: the one with the most events."""
    return events.where(events.item_idx != np.bincount(events.item_idx).argmax())


def users_shuffled(events: Events, rng: np.random.Generator) -> Events:
    """An export whose columns were sorted apart: the users of all events in another order."""
    return replace(events, user_idx=rng.permutation(events.user_idx))


def times_all_equal(events: Events, _rng: np.random.Generator) -> Events:
    """A time of export in place of the time of the event."""
    return replace(events, occurred_at=np.full(len(events), events.occurred_at.max(), np.uint32))


def bot_over_all_products(events: Events, rng: np.random.Generator) -> Events:
    """A crawler: one new user with 100,000 views, of any product."""
    return _with_views_of_a_new_user(events, rng.integers(0, len(events.products), _BOT_VIEWS), rng)


def bot_on_few_products(events: Events, rng: np.random.Generator) -> Events:
    """A click farm: one new user with 100,000 views of ten products."""
    chosen = rng.choice(len(events.products), 10, replace=False)
    return _with_views_of_a_new_user(events, rng.choice(chosen, _BOT_VIEWS), rng)


def last_week_twice(events: Events, _rng: np.random.Generator) -> Events:
    """An import that ran twice: each event of the last seven days is there two times."""
    return _joined(events, events.where(events.occurred_at > _days_before_the_end(events, 7)))


def week_in_the_middle_missing(events: Events, _rng: np.random.Generator) -> Events:
    """A table that was not restored: seven days, ten days ago, are missing."""
    begin, end = _days_before_the_end(events, 17), _days_before_the_end(events, 10)
    return events.where((events.occurred_at <= begin) | (events.occurred_at > end))


def last_week_missing(events: Events, _rng: np.random.Generator) -> Events:
    """An export that stalled: nothing of the last seven days has arrived."""
    return events.where(events.occurred_at <= _days_before_the_end(events, 7))


BAD_DATA: Final[dict[str, Spoil]] = {
    "half of the events lost": half_of_the_events_lost,
    "the best-seller's events lost": best_seller_lost,
    "users shuffled": users_shuffled,
    "all times equal": times_all_equal,
    "a bot's 100,000 views of all products": bot_over_all_products,
    "a bot's 100,000 views of ten products": bot_on_few_products,
    "the last week twice": last_week_twice,
    "a week missing": week_in_the_middle_missing,
    "the last week missing": last_week_missing,
}


def _days_before_the_end(events: Events, days: int) -> np.int64:
    return np.int64(events.occurred_at.max()) - days * _DAY_SECONDS


def _with_views_of_a_new_user(events: Events, items: NDArray[np.int64], rng: np.random.Generator) -> Events:
    """Add views of a user with the next higher id, over the last day."""
    assert isinstance(events.users, IntegerIds)
    users = IntegerIds(np.append(events.users.values, events.users.values[-1] + 1))
    newest, n = int(events.occurred_at.max()), len(items)
    views = Events(
        users,
        events.products,
        events.kinds,
        np.full(n, len(users) - 1, np.int32),
        items.astype(np.int32),
        np.full(n, 0.3, np.float32),
        (newest - rng.integers(0, _DAY_SECONDS, n)).astype(np.uint32),
        np.full(n, events.kinds.index("view"), np.uint8),
    )
    return _joined(replace(events, users=users), views)


def _joined(first: Events, second: Events) -> Events:
    def both(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(first, name), getattr(second, name)])

    return replace(
        first,
        user_idx=both("user_idx"),
        item_idx=both("item_idx"),
        weight=both("weight"),
        occurred_at=both("occurred_at"),
        kind=both("kind"),
    )
