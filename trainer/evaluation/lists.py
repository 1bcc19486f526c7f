"""What each side would serve to the users of a holdout, by what its own users tell: short lists borrow nothing here.

Lists are made by a compiled twin of the code that serves them, and some users are asked by that code too, each time:
where one answer differs, nothing may be said about the model.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.histories import Histories
from model.ids import Ids
from model.many_lists import Lists, popular_lists, recommended_items
from model.model import Model
from model.translation import UNKNOWN, translated
from runtime.errors import RecommenderError
from trainer.kernel.lists import History, Listed, fill_up, list_reached

_BLOCK: Final = 64
# Users whom the served code is asked about as well: a hundredth of a second.
_CHECKED: Final = 20


@dataclass(frozen=True)
class Served:
    """The lists of one side, int32 (n_users, k): `items` in the space of the events, `recommended` counts in its own.

    A place without an item, or with one that the events do not know, is -1.
    """

    items: Lists
    recommended: NDArray[np.int64]


@dataclass(frozen=True)
class Asking:
    """How long lists are, and on how many threads they are made."""

    k: int
    threads: int


def candidate_lists(model: Model, users: NDArray[np.int32], asking: Asking) -> Served:
    """Ask a model whose ids are those of the events."""
    items = personal_lists(model, model.histories.of_users(users), asking)
    return Served(items, _counts(items, len(model.products)))


def popularity_lists(model: Model, users: NDArray[np.int32], k: int) -> Served:
    """Give each user the most popular products that may be listed."""
    items = popular_lists(model, model.histories.of_users(users), k)
    return Served(items, _counts(items, len(model.products)))


def champion_lists(
    model: Model, event_users: Ids, event_products: Ids, users: NDArray[np.int32], asking: Asking
) -> Served:
    """Ask a model with ids of its own; a user whom it does not know gets popular products."""
    histories = model.histories.of_users(translated(users, event_users, model.users))
    items = personal_lists(model, histories, asking)
    return Served(translated(items, model.products, event_products), _counts(items, len(model.products)))


def personal_lists(model: Model, histories: Histories, asking: Asking) -> Lists:
    """Give what model.many_lists.recommended_items gives where a model has nothing to borrow.

    Raises RecommenderError where the two differ.
    """
    lists = reached_lists(Listed.of(model.neighbours), histories, asking)
    fill_up(model.by_popularity, History.of(histories), (0, histories.n_users), lists)
    checked = min(_CHECKED, histories.n_users)
    served = replace(model, borrowed=None)
    if not np.array_equal(lists[:checked], recommended_items(served, histories.between(0, checked), asking.k)):
        raise RecommenderError("the lists of the evaluation differ from those that are served: this is a bug")
    return lists


def reached_lists(rows: Listed, histories: Histories, asking: Asking) -> Lists:
    """Give the best items that each history's rows lead to, int32 (n_users, k); places beyond them are UNKNOWN."""
    lists = np.full((histories.n_users, asking.k), UNKNOWN, np.int32)
    asked = History.of(histories)

    def make(first: int) -> None:
        list_reached(rows, asked, (first, min(first + _BLOCK, histories.n_users)), lists)

    with ThreadPoolExecutor(asking.threads) as pool:
        list(pool.map(make, range(0, histories.n_users, _BLOCK)))
    return lists


def _counts(lists: Lists, n_products: int) -> NDArray[np.int64]:
    return np.bincount(lists[lists != UNKNOWN], minlength=n_products)
