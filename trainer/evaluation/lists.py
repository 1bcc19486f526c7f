"""What each side would serve to the users of a holdout, by the code that serves it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.answers import popular_items, recommended_items
from model.ids import Ids
from model.model import Model
from model.translation import UNKNOWN, translated

Lists = NDArray[np.int32]


@dataclass(frozen=True)
class Served:
    """The lists of one side, int32 (n_users, k): `items` in the space of the events, `recommended` counts in its own.

    A place without an item, or with one that the events do not know, is -1.
    """

    items: Lists
    recommended: NDArray[np.int64]


def candidate_lists(model: Model, users: NDArray[np.int32], k: int) -> Served:
    """Ask a model whose ids are those of the events."""
    items = _personal(model, users, k)
    return Served(items, _counts(items, len(model.products)))


def popularity_lists(model: Model, users: NDArray[np.int32], k: int) -> Served:
    """Give each user the most popular products that they do not know."""
    lists = _empty(len(users), k)
    for place, user in enumerate(users.tolist()):
        known, _ = model.histories.of(user)
        _put(lists, place, popular_items(model, k, without=known))
    return Served(lists, _counts(lists, len(model.products)))


def champion_lists(model: Model, event_users: Ids, event_products: Ids, users: NDArray[np.int32], k: int) -> Served:
    """Ask a model with ids of its own; a user whom it does not know gets popular products."""
    items = _personal(model, translated(users, event_users, model.users), k)
    return Served(translated(items, model.products, event_products), _counts(items, len(model.products)))


def _personal(model: Model, users: NDArray[np.int32], k: int) -> Lists:
    lists = _empty(len(users), k)
    nothing = (np.empty(0, np.int32), np.empty(0, np.float32))
    for place, user in enumerate(users.tolist()):
        _put(lists, place, recommended_items(model, *(nothing if user == UNKNOWN else model.histories.of(user)), k))
    return lists


def _empty(n_users: int, k: int) -> Lists:
    return np.full((n_users, k), UNKNOWN, np.int32)


def _put(lists: Lists, place: int, items: NDArray[np.int32]) -> None:
    lists[place, : len(items)] = items


def _counts(lists: Lists, n_products: int) -> NDArray[np.int64]:
    return np.bincount(lists[lists != UNKNOWN], minlength=n_products)
