"""Rows for products that too few users had for neighbours of their own.

A product with fewer neighbours than a short list has borrows: first what its first users' histories lead to, by the
rows of the model, and then from its category, the most popular first. What is borrowed has the scores of a typical row
times d / (d + MIN_CO_OCCURRENCE), d being the product's users: the fewer there are, the less it says.
"""

import logging
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.catalogue import NO_CATEGORY
from model.histories import Histories
from model.many_lists import Lists
from model.model import Model
from model.neighbours import Neighbours
from model.translation import UNKNOWN
from trainer.arrays.spans import indptr_of
from trainer.buy_again import row_tops
from trainer.kernel.lists import History, Listed
from trainer.kernel.strongest import strongest_items
from trainer.listing import Asking, reached_lists

log = logging.getLogger(__name__)

Items = NDArray[np.int32]
Floats = NDArray[np.float32]
# Fewer neighbours than this leave a product to borrow, and so many it borrows at most.
_ENOUGH: Final = 10
_MOST_BORROWED: Final = 20
# So many of its users are asked, and of each so many products that weigh most.
_FIRST_USERS: Final = 10
_MOST_OF_A_USER: Final = 10
_PRODUCTS_AT_A_TIME: Final = 4096
_INTERACTIONS_AT_A_TIME: Final = 1 << 20


def with_borrowed(model: Model, min_co_occurrence: int, threads: int) -> Model:
    """Give the same model, with rows to borrow for products that have few neighbours; as it is where none has few.

    The same on any number of threads.
    """
    thin = np.flatnonzero(np.diff(model.neighbours.indptr) < _ENOUGH).astype(np.int32)
    if not len(thin):
        return model
    listed, n_users = _lists_of_first_users(model, thin, threads)
    _add_category(listed, thin, model)
    scores = np.outer(n_users / (n_users + min_co_occurrence), _typical_row(model.neighbours))
    is_there, lengths = listed != UNKNOWN, np.zeros(len(model.products), np.int64)
    lengths[thin] = is_there.sum(axis=1)
    rows = Neighbours(indptr_of(lengths), listed[is_there], scores[is_there].astype(np.float32))
    return replace(model, borrowed=rows)


def tell_of(model: Model) -> None:
    """Log how many products borrow."""
    if n := model.n_borrowing:
        few = f"{n:,} of {len(model.products):,} products have fewer than {_ENOUGH} neighbours of their own"
        log.info("%s, and borrow from their first users and their category", few, extra={"borrowing_products": n})


def _typical_row(neighbours: Neighbours) -> Floats:
    """Give the mean score at each place of the rows, float32 (_MOST_BORROWED,), which falls and is not below 0."""
    lengths = np.diff(neighbours.indptr)
    typical = np.zeros(_MOST_BORROWED, np.float32)
    for place in range(_MOST_BORROWED):
        found = neighbours.scores[neighbours.indptr[:-1][lengths > place] + place]
        typical[place] = found.mean(dtype=np.float64) if len(found) else 0.0
    falling: Floats = np.maximum(np.minimum.accumulate(typical), 0)
    return falling


def _lists_of_first_users(model: Model, thin: Items, threads: int) -> tuple[Lists, NDArray[np.int64]]:
    """Give what the first users of each product lead to, int32 (n_thin, _MOST_BORROWED), and how many it has."""
    starts, users = _users_of(model.histories, thin, len(model.products))
    rows, tops = Listed.of(model.neighbours), row_tops(model.neighbours)
    listed = np.full((len(thin), _MOST_BORROWED), UNKNOWN, np.int32)
    for first in range(0, len(thin), _PRODUCTS_AT_A_TIME):
        some = slice(first, first + _PRODUCTS_AT_A_TIME)
        of_users = [users[begin:end][:_FIRST_USERS] for begin, end in zip(starts[some], starts[1:][some], strict=False)]
        asked = _asked(model.histories, of_users, tops)
        lists = reached_lists(rows, asked, Asking(_MOST_BORROWED + 1, threads))
        listed[some] = _without(lists, thin[some])
    return listed, np.diff(starts)


def _users_of(histories: Histories, items: Items, n_items: int) -> tuple[NDArray[np.int64], Items]:
    """Give the users of these items, rising, one item after the other, and where each item's begin."""
    number_of = np.full(n_items, UNKNOWN, np.int32)
    number_of[items] = np.arange(len(items), dtype=np.int32)
    numbers, users = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for first in range(0, histories.n_interactions, _INTERACTIONS_AT_A_TIME):
        found = number_of[histories.indices[first : first + _INTERACTIONS_AT_A_TIME]]
        places = np.flatnonzero(found != UNKNOWN)
        numbers.append(found[places])
        users.append((np.searchsorted(histories.indptr, first + places, side="right") - 1).astype(np.int32))
    of_items = np.concatenate(numbers)
    order = np.argsort(of_items, kind="stable")
    return indptr_of(np.bincount(of_items, minlength=len(items))), np.concatenate(users)[order]


def _asked(histories: Histories, of_users: list[Items], tops: Floats) -> Histories:
    """Put the histories of each product's users together: each counts alike, and each product of one."""
    sizes = np.array([len(users) for users in of_users], np.int64)
    users, numbers = np.unique(np.concatenate(of_users), return_inverse=True)
    strongest = np.full((len(users), _MOST_OF_A_USER), UNKNOWN, np.int32)
    strongest_items(History.of(histories), users, strongest)
    is_there = strongest != UNKNOWN
    shares = np.repeat(1 / np.repeat(sizes, sizes) / is_there.sum(axis=1)[numbers], is_there.sum(axis=1)[numbers])
    items, weights = strongest[numbers][is_there[numbers]], shares.astype(np.float32)
    n_of_product = np.bincount(
        np.repeat(np.arange(len(of_users)), sizes), is_there.sum(axis=1)[numbers], minlength=len(of_users)
    )
    return Histories(indptr_of(n_of_product), items, weights, again=weights * tops[items])


def _without(lists: Lists, own: Items) -> Lists:
    """Take each row's own product out, and one place."""
    lists[lists == own[:, None]] = UNKNOWN
    order = np.argsort(lists == UNKNOWN, axis=1, kind="stable")
    return np.take_along_axis(lists, order, axis=1)[:, :-1]


def _add_category(listed: Lists, thin: Items, model: Model) -> None:
    """Fill the rows up with the most popular products of the category, where the shop tells categories."""
    if model.catalogue is None:
        return
    category = model.catalogue.category[: len(model.products)]
    popular = _popular_by_category(category, model.by_popularity)
    for number in np.flatnonzero(listed[:, -1] == UNKNOWN).tolist():
        item = int(thin[number])
        own = listed[number][listed[number] != UNKNOWN]
        others = popular.get(int(category[item]), np.empty(0, np.int32))
        lent = others[~np.isin(others, own) & (others != item)][: _MOST_BORROWED - len(own)]
        listed[number, len(own) : len(own) + len(lent)] = lent


def _popular_by_category(category: Items, by_popularity: Items) -> dict[int, Items]:
    """Give each category's most popular products, more than any row can take."""
    order = by_popularity[np.argsort(category[by_popularity], kind="stable")]
    categories, starts = np.unique(category[order], return_index=True)
    most = 2 * _MOST_BORROWED + 1
    return {
        int(one): order[start : start + most][category[order[start : start + most]] == one]
        for one, start in zip(categories.tolist(), starts.tolist(), strict=True)
        if one != NO_CATEGORY
    }
