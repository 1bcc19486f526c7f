"""The questions a model answers. The trainer's evaluation calls the same functions that the API serves.

Every list has k answers where the catalogue has k other products: what neighbours cannot fill is filled from
popularity and says so, and products the user already knows come last of all.

`allowed` is what a list may hold, bool (model.n_listable,), None: everything. It holds before the best are picked, so
that a list is as long as it is asked to be wherever so many products are allowed.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.histories import Histories
from model.model import Mask, Model
from model.ranking import Places, Scores, are_among, best, weighted_rows

# So many times as many of the most popular products as are asked for are looked at before all are.
_AT_FIRST: Final = 32


class Source(StrEnum):
    """Where an answer, or a whole list, came from."""

    SIMILAR = "similar"
    PERSONAL = "personal"
    SESSION = "session"
    POPULAR = "popular"
    MIXED = "mixed"


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
        resting = sum(one.score != 0 and one.source is not Source.POPULAR and not one.borrowed for one in self.answers)
        return resting / len(self.answers) if self.answers else 0.0


def similar(model: Model, item_idx: int, k: int, allowed: Mask | None = None) -> AnswerList:
    """Give the k products most similar to one."""
    items, scores = _only(allowed, *model.neighbours.row(item_idx))
    asked = history_of_one(item_idx)
    return _filled(model, _scored(items[:k], scores[:k], Source.SIMILAR), Source.SIMILAR, k, asked, allowed)


def history_of_one(item_idx: int) -> Histories:
    """Give the history that `similar` answers to: one item, of weight 1."""
    return Histories.one(np.array([item_idx], np.int32), np.ones(1, np.float32))


def recommend(
    model: Model, history: Histories, k: int, source: Source = Source.PERSONAL, allowed: Mask | None = None
) -> AnswerList:
    """Give the k products that one history leads to: score_j = sum over its items i of w_i * s_ij.

    Where the history says so, an item j of it has its own `again` on top. Otherwise items of the history come last,
    when nothing else is left.
    """
    if history.again is not None:
        return _with_seen(model, history, k, source, allowed)
    # Of one history, cells are items.
    candidates, scores = _only(allowed, *weighted_rows(model.neighbours, history))
    is_seen = are_among(history.indices, candidates)
    unseen = best(candidates[~is_seen], scores[~is_seen], k)
    fresh = _filled(model, _scored(*unseen, source), source, k, history, allowed)
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


def _with_seen(model: Model, history: Histories, k: int, source: Source, allowed: Mask | None) -> AnswerList:
    """Give new products and those of the history in one order; what is missing in the end is new."""
    items, scores = best(*_only(allowed, *weighted_rows(model.neighbours, history)), k)
    seen = set(history.indices.tolist())
    listed = [replace(answer, seen=answer.item_idx in seen) for answer in _scored(items, scores, source)]
    return _filled(model, listed, source, k, history, allowed)


def _only(allowed: Mask | None, items: Places, scores: Scores) -> tuple[Places, Scores]:
    """Leave out what is not allowed."""
    if allowed is None:
        return items, scores
    is_allowed = allowed[items]
    return items[is_allowed], scores[is_allowed]


def popular_items(model: Model, k: int, without: NDArray[np.int32], allowed: Mask | None = None) -> NDArray[np.int32]:
    """Give the k most popular items that are allowed and not in `without`: int32, at most (k,)."""
    if k <= 0:
        return model.by_popularity[:0]
    if allowed is not None:
        return _popular_allowed(model, k, without, allowed)
    # So many of the most popular are surely enough, whatever of them is left out.
    candidates = model.by_popularity[: k + len(without)]
    is_left_out = np.zeros(len(model.by_popularity), np.bool_)
    is_left_out[without] = True
    return candidates[~is_left_out[candidates]][:k]


def _popular_allowed(model: Model, k: int, without: NDArray[np.int32], allowed: Mask) -> NDArray[np.int32]:
    is_free = allowed.copy()
    is_free[without] = False
    # Most often enough are among the first, however many products there are.
    for first in (model.by_popularity[: _AT_FIRST * k], model.by_popularity):
        found = first[is_free[first]]
        if len(found) >= k:
            break
    return found[:k]


def popular(model: Model, k: int, allowed: Mask | None = None) -> AnswerList:
    """Give the k most popular products; a score is the share of the most popular product's weight."""
    nothing = Histories.one(np.empty(0, np.int32), np.empty(0, np.float32))
    return _filled(model, [], Source.POPULAR, k, nothing, allowed)


def _scored(items: NDArray[np.integer], scores: NDArray[np.float32], source: Source) -> list[Answer]:
    return [Answer(item, score, source) for item, score in zip(items.tolist(), scores.tolist(), strict=True)]


def borrowed_items(
    model: Model, history: Histories, k: int, without: NDArray[np.int32], allowed: Mask | None = None
) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    """Give the k best items that a history's borrowed rows lead to, allowed and not in `without`, with scores."""
    if model.borrowed is None or k <= 0:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    candidates, scores = _only(allowed, *weighted_rows(model.borrowed, history.of_new_items()))
    is_free = ~are_among(without, candidates)
    return best(candidates[is_free], scores[is_free], k)


def _filled(
    model: Model, answers: list[Answer], source: Source, k: int, history: Histories, allowed: Mask | None
) -> AnswerList:
    """Complete a short list by what is borrowed, and then from popularity, with no item of the history."""
    missing = k - len(answers)
    if missing <= 0:
        return AnswerList(tuple(answers), source)
    without = np.concatenate([np.array([answer.item_idx for answer in answers], np.int32), history.indices])
    borrowed = borrowed_items(model, history, missing, without, allowed)
    lent = [replace(one, borrowed=True) for one in _scored(*borrowed, source)]
    answers += [replace(one, score=0.0) for one in lent] if answers else lent
    taken = np.concatenate([without, np.array([answer.item_idx for answer in lent], np.int32)])
    rest = popular_items(model, missing - len(lent), taken, allowed)
    shares = np.zeros(len(rest), np.float32) if answers else model.popularity_share[rest]
    filling = _scored(rest, shares, Source.POPULAR)
    return AnswerList((*answers, *filling), _list_source(answers, filling, source))


def _list_source(answers: list[Answer], filling: list[Answer], source: Source) -> Source:
    if not filling:
        return source
    return Source.MIXED if answers else Source.POPULAR
