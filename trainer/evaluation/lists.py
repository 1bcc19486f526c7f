"""What each side would serve to the users of a holdout, by what its own users tell.

Short lists borrow nothing here, and no category fills them: recipes would differ less than they do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids
from model.many_lists import Lists, popular_lists
from model.model import Model
from model.translation import UNKNOWN, translated
from trainer.listing import Asking, personal_lists


@dataclass(frozen=True)
class Served:
    """The lists of one side, int32 (n_users, k): `items` in the space of the events, `recommended` counts in its own.

    A place without an item, or with one that the events do not know, is -1.
    """

    items: Lists
    recommended: NDArray[np.int64]


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


def _counts(lists: Lists, n_products: int) -> NDArray[np.int64]:
    return np.bincount(lists[lists != UNKNOWN], minlength=n_products)
