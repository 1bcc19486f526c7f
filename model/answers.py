"""The questions a model answers. The trainer's evaluation calls the same functions that the API serves.

Every list has k answers where the catalogue has k other products: what neighbours cannot fill is filled from
popularity and says so, and products the user already knows come last of all.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from model.model import Model


class Source(StrEnum):
    """Where an answer, or a whole list, came from."""

    SIMILAR = "similar"
    PERSONAL = "personal"
    SESSION = "session"
    POPULAR = "popular"
    MIXED = "mixed"


@dataclass(frozen=True)
class Answer:
    """One product of a list. In a mixed list, a product filled in from popularity has score 0.

    `seen`: the product stands in the history that was asked about; it fills a list that nothing else could.
    """

    item_idx: int
    score: float
    source: Source
    seen: bool = False


@dataclass(frozen=True)
class AnswerList:
    """Answers, best first, and what they rest on."""

    answers: tuple[Answer, ...]
    source: Source


def similar(model: Model, item_idx: int, k: int) -> AnswerList:
    """Give the k products most similar to one."""
    items, scores = model.neighbours.row(item_idx)
    return _filled(model, _scored(items[:k], scores[:k], Source.SIMILAR), Source.SIMILAR, k, never=(item_idx,))


def recommend(
    model: Model,
    items: NDArray[np.int32],
    weights: NDArray[np.float32],
    k: int,
    source: Source = Source.PERSONAL,
) -> AnswerList:
    """Give the k products that a history leads to: score_j = sum over the history's items i of w_i * s_ij.

    `items` int32 and `weights` float32 are both (n,). Items of the history are left out while there are others.
    """
    candidates, scores = _weighted_rows(model, items, weights)
    unseen = ~np.isin(candidates, items)
    candidates, scores = candidates[unseen], scores[unseen]
    best = np.lexsort((candidates, -scores))[:k]
    return _filled(model, _scored(candidates[best], scores[best], source), source, k, seen=tuple(items.tolist()))


def popular(model: Model, k: int) -> AnswerList:
    """Give the k most popular products; a score is the share of the most popular product's weight."""
    return _filled(model, [], Source.POPULAR, k)


def _scored(items: NDArray[np.int32], scores: NDArray[np.float32], source: Source) -> list[Answer]:
    return [Answer(item, score, source) for item, score in zip(items.tolist(), scores.tolist(), strict=True)]


def _weighted_rows(
    model: Model, items: NDArray[np.int32], weights: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    rows = [model.neighbours.row(int(item)) for item in items]
    if not rows:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    candidates = np.concatenate([row for row, _ in rows])
    parts = np.concatenate([scores * weight for (_, scores), weight in zip(rows, weights, strict=True)])
    distinct, inverse = np.unique(candidates, return_inverse=True)
    totals = np.bincount(inverse, weights=parts, minlength=len(distinct))
    return distinct, totals.astype(np.float32)


def _filled(
    model: Model,
    answers: list[Answer],
    source: Source,
    k: int,
    seen: tuple[int, ...] = (),
    never: tuple[int, ...] = (),
) -> AnswerList:
    """Complete a short list from popularity: first products outside `seen`, then those in it."""
    missing = k - len(answers)
    if missing <= 0:
        return AnswerList(tuple(answers), source)
    taken = [*(answer.item_idx for answer in answers), *never]
    # So many of the most popular are surely enough, whatever of them is taken or seen.
    popular_items = model.by_popularity[: missing + len(taken) + len(seen)]
    free = popular_items[~np.isin(popular_items, taken)]
    known = np.isin(free, seen)
    rest = np.concatenate([free[~known], free[known]])[:missing]
    shares = np.zeros(len(rest)) if answers else model.popularity_share[rest]
    known_items = set(seen)
    filling = [
        Answer(item, share, Source.POPULAR, item in known_items)
        for item, share in zip(rest.tolist(), shares.tolist(), strict=True)
    ]
    return AnswerList((*answers, *filling), _list_source(answers, filling, source))


def _list_source(answers: list[Answer], filling: list[Answer], source: Source) -> Source:
    if not filling:
        return source
    return Source.MIXED if answers and source is not Source.POPULAR else Source.POPULAR
