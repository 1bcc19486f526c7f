"""The questions a model answers. The trainer's evaluation calls the same functions that the API serves.

Every list has k answers where the catalogue has k other products: what neighbours cannot fill is filled from what is
popular in the categories concerned, then from popularity, and says so, and products the user already knows come last.

`allowed` is what a list may hold, bool (model.n_listable,), None: everything. It holds before the best are picked, so
that a list is as long as it is asked to be wherever so many products are allowed. `ordering` is who comes first among
those that neighbours lead to, and among those that borrowed rows do.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.category_filling import category_items
from model.histories import Histories
from model.model import Mask, Model
from model.ranking import Places, Scores, are_among, best, weighted_rows
from model.reordering import BY_SCORE, Ordering, in_order

# So many times as many of the most popular products as are asked for are looked at before all are.
_AT_FIRST: Final = 32


class Source(StrEnum):
    """Where an answer, or a whole list, came from: a list is never `category`, and an answer never `mixed`."""

    SIMILAR = "similar"
    PERSONAL = "personal"
    SESSION = "session"
    CATEGORY = "category"
    POPULAR = "popular"
    MIXED = "mixed"


# What lists are filled up with.
FILLING: Final = frozenset({Source.CATEGORY, Source.POPULAR})


@dataclass(frozen=True)
class Answer:
    """One product of a list. A product that fills a list up, behind others of another kind, has score 0.

    `seen`: the product stands in the history that was asked about. It is worth having again, or fills a list that
    nothing else could. `borrowed`: it rests on what others know of products that few users had.
    """

    item_idx: int
    score: float
    source: Source
    seen: bool = False
    borrowed: bool = False


@dataclass(frozen=True)
class AnswerList:
    """Answers, best first, and what they rest on."""

    answers: tuple[Answer, ...]
    source: Source

    @property
    def confidence(self) -> float:
        """Share of the answers that are neither borrowed nor filled in, from 0 to 1; 0 of an empty list."""
        resting = sum(one.score != 0 and one.source not in FILLING and not one.borrowed for one in self.answers)
        return resting / len(self.answers) if self.answers else 0.0


@dataclass(frozen=True)
class _Wanted:
    """How long a list is to be, what it may hold, and who comes first."""

    k: int
    allowed: Mask | None
    ordering: Ordering = BY_SCORE


def similar(
    model: Model, item_idx: int, k: int, allowed: Mask | None = None, ordering: Ordering = BY_SCORE
) -> AnswerList:
    """Give the k products most similar to one; to one without an event, what is popular in its category."""
    asked, wanted = history_of_one(item_idx), _Wanted(k, allowed, ordering)
    if item_idx >= len(model.products):
        return _filled(model, [], Source.SIMILAR, asked, wanted)
    items, scores = _only(allowed, *model.neighbours.row(item_idx))
    found = (items[:k], scores[:k]) if ordering == BY_SCORE else in_order(model, items, scores, k, ordering)
    return _filled(model, _scored(*found, Source.SIMILAR), Source.SIMILAR, asked, wanted)


def history_of_one(item_idx: int) -> Histories:
    """Give the history that `similar` answers to: one item, of weight 1."""
    return Histories.one(np.array([item_idx], np.int32), np.ones(1, np.float32))


def recommend(
    model: Model,
    history: Histories,
    k: int,
    source: Source = Source.PERSONAL,
    allowed: Mask | None = None,
    ordering: Ordering = BY_SCORE,
) -> AnswerList:
    """Give the k products that one history leads to: score_j = sum over its items i of w_i * s_ij.

    Where the history says so, an item j of it has its own `again` on top. Otherwise items of the history come last,
    when nothing else is left. Products without an event, which the history may hold, lead to their category.
    """
    wanted = _Wanted(k, allowed, ordering)
    if history.again is not None:
        return _with_seen(model, history, source, wanted)
    # Of one history, cells are items.
    candidates, scores = _only(allowed, *weighted_rows(model.neighbours, history.below(len(model.products))))
    is_seen = are_among(history.indices, candidates)
    unseen = in_order(model, candidates[~is_seen], scores[~is_seen], k, ordering)
    fresh = _filled(model, _scored(*unseen, source), source, history, wanted)
    missing = k - len(fresh.answers)
    seen = np.unique(history.indices)
    if allowed is not None:
        seen = seen[allowed[seen]]
    if missing <= 0 or not len(seen):
        return fresh
    own_scores = np.zeros(len(seen), np.float32)
    own_scores[np.searchsorted(seen, candidates[is_seen])] = scores[is_seen]
    again = _scored(*best(seen, own_scores, missing), source)
    if not fresh.answers:
        return AnswerList(tuple(replace(answer, seen=True) for answer in again), source)
    return AnswerList((*fresh.answers, *(replace(answer, score=0.0, seen=True) for answer in again)), fresh.source)


def _with_seen(model: Model, history: Histories, source: Source, wanted: _Wanted) -> AnswerList:
    """Give new products and those of the history in one order; what is missing in the end is new."""
    led = weighted_rows(model.neighbours, history.below(len(model.products)))
    items, scores = in_order(model, *_only(wanted.allowed, *led), wanted.k, wanted.ordering)
    seen = set(history.indices.tolist())
    listed = [replace(answer, seen=answer.item_idx in seen) for answer in _scored(items, scores, source)]
    return _filled(model, listed, source, history, wanted)


def _only(allowed: Mask | None, items: Places, scores: Scores) -> tuple[Places, Scores]:
    """Leave out what is not allowed."""
    if allowed is None:
        return items, scores
    is_allowed = allowed[items]
    return items[is_allowed], scores[is_allowed]


def popular_items(model: Model, k: int, without: NDArray[np.int32], allowed: Mask | None = None) -> NDArray[np.int32]:
    """Give the k most popular products that are allowed and not in `without`, int32 (at most k,), new ones last."""
    if k <= 0:
        return model.by_popularity[:0]
    if allowed is not None:
        return _popular_allowed(model, k, without, allowed)
    # So many of the most popular are surely enough, whatever of them is left out.
    candidates = model.listable_by_popularity[: k + len(without)]
    is_left_out = np.zeros(model.n_listable, np.bool_)
    is_left_out[without] = True
    return candidates[~is_left_out[candidates]][:k]


def _popular_allowed(model: Model, k: int, without: NDArray[np.int32], allowed: Mask) -> NDArray[np.int32]:
    is_free = allowed.copy()
    is_free[without] = False
    # Most often enough are among the first, however many products there are.
    for first in (model.listable_by_popularity[: _AT_FIRST * k], model.listable_by_popularity):
        found = first[is_free[first]]
        if len(found) >= k:
            break
    return found[:k]


def popular(model: Model, k: int, allowed: Mask | None = None) -> AnswerList:
    """Give the k most popular products; a score is the share of the most popular product's weight."""
    nothing = Histories.one(np.empty(0, np.int32), np.empty(0, np.float32))
    return _filled(model, [], Source.POPULAR, nothing, _Wanted(k, allowed))


def _scored(
    items: NDArray[np.integer], scores: NDArray[np.float32], source: Source, *, borrowed: bool = False
) -> list[Answer]:
    scored = zip(items.tolist(), scores.tolist(), strict=True)
    return [Answer(item, score, source, borrowed=borrowed) for item, score in scored]


def borrowed_items(
    model: Model,
    history: Histories,
    k: int,
    without: NDArray[np.int32],
    allowed: Mask | None = None,
    ordering: Ordering = BY_SCORE,
) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    """Give the first k items that a history's borrowed rows lead to, allowed and not in `without`, with scores."""
    if model.borrowed is None or k <= 0:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    led = history.below(len(model.products)).of_new_items()
    candidates, scores = _only(allowed, *weighted_rows(model.borrowed, led))
    is_free = ~are_among(without, candidates)
    return in_order(model, candidates[is_free], scores[is_free], k, ordering)


def _filled(model: Model, answers: list[Answer], source: Source, history: Histories, wanted: _Wanted) -> AnswerList:
    """Complete a short list, with no item of the history; only what comes first keeps its scores."""
    if len(answers) >= wanted.k:
        return AnswerList(tuple(answers), source)
    without = np.concatenate([np.array([answer.item_idx for answer in answers], np.int32), history.indices])
    for fill, filled_from, borrowed in (
        (partial(borrowed_items, ordering=wanted.ordering), source, True),
        (category_items, Source.CATEGORY, False),
        (_popular_by_share, Source.POPULAR, False),
    ):
        found = fill(model, history, wanted.k - len(answers), without, wanted.allowed)
        more = _scored(*found, filled_from, borrowed=borrowed)
        answers += [replace(one, score=0.0) for one in more] if answers else more
        without = np.concatenate([without, np.array([one.item_idx for one in more], np.int32)])
    return AnswerList(tuple(answers), _list_source(answers, source))


def _popular_by_share(
    model: Model, _history: Histories, k: int, without: NDArray[np.int32], allowed: Mask | None
) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    items = popular_items(model, k, without, allowed)
    return items, model.popularity_share[items]


def _list_source(answers: list[Answer], source: Source) -> Source:
    """Name what a list that may be filled up rests on."""
    n_filling = sum(one.source in FILLING for one in answers)
    if not n_filling:
        return source
    return Source.MIXED if n_filling < len(answers) else Source.POPULAR
