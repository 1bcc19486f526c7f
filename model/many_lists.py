"""The lists of many users at once, without scores: the same as each of them would be served."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.answers import borrowed_items, popular_items
from model.category_filling import category_items
from model.histories import Histories
from model.model import Model
from model.ranking import are_among, best, cells_of, weighted_rows
from model.translation import UNKNOWN

Lists = NDArray[np.int32]
# Users are asked in blocks of about so many interactions: more at a time fall out of the processor's cache.
_BLOCK_INTERACTIONS: Final = 256


def recommended_items(model: Model, histories: Histories, k: int) -> Lists:
    """Give the items of `recommend`'s list to each history, without its own that come last of all: int32 (n_users, k).

    Places that stay empty are UNKNOWN.
    """
    blocks = [_of_block(model, block, k) for block in _blocks(histories)]
    return np.concatenate(blocks) if blocks else np.empty((0, k), np.int32)


def popular_lists(model: Model, histories: Histories, k: int) -> Lists:
    """Give each user the most popular items, as above; none of the history, unless items may come again."""
    lists = _empty(histories.n_users, k)
    if histories.again is not None:
        lists[:, : model.n_listable] = model.listable_by_popularity[:k]
        return lists
    for user, row in enumerate(lists):
        _fill(row, popular_items(model, k, without=histories.of(user)[0]))
    return lists


def _of_block(model: Model, histories: Histories, k: int) -> Lists:
    n_items = len(model.products)
    cells, scores = weighted_rows(model.neighbours, histories)
    if histories.again is None:
        is_unseen = ~are_among(cells_of(histories, n_items), cells)
        cells, scores = cells[is_unseen], scores[is_unseen]
    ends = np.searchsorted(cells, np.arange(histories.n_users + 1) * n_items).tolist()
    lists = _empty(histories.n_users, k)
    for user, row in enumerate(lists):
        span = slice(ends[user], ends[user + 1])
        items = best(cells[span], scores[span], k)[0] - user * n_items
        _fill(row, items)
        if len(items) < k:
            _fill_up(row, items, model, histories.alone(user))
    return lists


def _fill_up(row: NDArray[np.int32], items: NDArray[np.integer], model: Model, history: Histories) -> None:
    """Complete a list by what is borrowed, by categories, and then from popularity, with no item of the history."""
    n, without = len(items), np.concatenate([items, history.indices])
    for fill in (borrowed_items, category_items):
        more = fill(model, history, len(row) - n, without)[0]
        _fill(row[n:], more)
        n, without = n + len(more), np.concatenate([without, more])
    _fill(row[n:], popular_items(model, len(row) - n, without))


def _blocks(histories: Histories) -> Iterator[Histories]:
    first = 0
    while first < histories.n_users:
        most = histories.indptr[first] + _BLOCK_INTERACTIONS
        last = max(first + 1, int(np.searchsorted(histories.indptr, most, side="right")) - 1)
        yield histories.between(first, last)
        first = last


def _empty(n_users: int, k: int) -> Lists:
    return np.full((n_users, k), UNKNOWN, np.int32)


def _fill(row: NDArray[np.int32], items: NDArray[np.integer]) -> None:
    row[: len(items)] = items
