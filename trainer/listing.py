"""The lists of many users, by the compiled twin of the code that serves them.

Some users are asked by that code too, each time: where one answer differs, nothing may be said about the model.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from model.histories import Histories
from model.many_lists import Lists, recommended_items
from model.model import Model
from model.translation import UNKNOWN
from runtime.errors import RecommenderError
from trainer.kernel.lists import History, Listed, fill_up, list_reached

_BLOCK: Final = 64
# Users whom the served code is asked about as well: a hundredth of a second.
_CHECKED: Final = 20


@dataclass(frozen=True)
class Asking:
    """How long lists are, and on how many threads they are made."""

    k: int
    threads: int


def personal_lists(model: Model, histories: Histories, asking: Asking) -> Lists:
    """Give what model.many_lists.recommended_items gives where a model has nothing to borrow and no catalogue.

    Raises RecommenderError where the two differ.
    """
    lists = reached_lists(Listed.of(model.neighbours), histories, asking)
    fill_up(model.by_popularity, History.of(histories), (0, histories.n_users), lists)
    checked = min(_CHECKED, histories.n_users)
    served = replace(model, borrowed=None, catalogue=None)
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
