"""The questions once more, on dense matrices and plain lists: slow, short, and written from the docstrings alone."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.answers import Answer, AnswerList, Source
from model.model import Model
from model.neighbours import Neighbours

Allowed = set[int] | None


def dense(neighbours: Neighbours) -> NDArray[np.float64]:
    """Lay the scores out as (n_items, n_items), NaN where there is no pair."""
    matrix = np.full((neighbours.n_items, neighbours.n_items), np.nan)
    for item in range(neighbours.n_items):
        for position in range(neighbours.indptr[item], neighbours.indptr[item + 1]):
            matrix[item, neighbours.indices[position]] = neighbours.scores[position]
    return matrix


def best(scores: Mapping[int, float | np.float32]) -> list[int]:
    return sorted(scores, key=lambda item: (-scores[item], item))


def similar(model: Model, item: int, k: int, allowed: Allowed = None) -> AnswerList:
    scores = reached(model.neighbours, [item], [1.0])
    answers = [Answer(other, scores[other], Source.SIMILAR) for other in best(scores)]
    lent = borrowed(model, [item], [1.0], Source.SIMILAR, without={item, *scores})
    tiers = [answers, lent, *filling(model, [item], [1.0], without={item, *scores, *items_of(lent)})]
    return listed(tiers, Source.SIMILAR, k, allowed)


def borrowed(model: Model, items: list[int], weights: list[float], source: Source, without: set[int]) -> list[Answer]:
    if model.borrowed is None:
        return []
    scores = reached(model.borrowed, items, weights)
    free = {item: score for item, score in scores.items() if item not in without}
    return [Answer(item, free[item], source, borrowed=True) for item in best(free)]


def items_of(answers: list[Answer]) -> set[int]:
    return {answer.item_idx for answer in answers}


def reached(neighbours: Neighbours, items: list[int], weights: list[float]) -> dict[int, float]:
    matrix, scores = dense(neighbours), dict[int, float]()
    for item, weight in zip(items, weights, strict=True):
        for other in range(len(matrix) if item < len(matrix) else 0):
            if not np.isnan(matrix[item, other]):
                scores[other] = scores.get(other, 0.0) + weight * float(matrix[item, other])
    return scores


def recommend(
    model: Model,
    items: list[int],
    weights: list[float],
    k: int,
    again: list[float] | None = None,
    allowed: Allowed = None,
) -> AnswerList:
    scores = reached(model.neighbours, items, weights)
    fresh = {item: score for item, score in scores.items() if item not in items}
    seen = {item: scores.get(item, 0.0) for item in items}
    if again is not None:
        for item, more in zip(items, again, strict=True):
            if item < len(model.products):
                scores[item] = scores.get(item, 0.0) + more
        first = [Answer(item, scores[item], Source.PERSONAL) for item in best(scores)]
        lent = borrowed(model, items, weights, Source.PERSONAL, without=set(scores))
        rest = filling(model, items, weights, without={*scores, *items, *items_of(lent)})
        whole = listed([first, lent, *rest], Source.PERSONAL, k, allowed)
        return replace(whole, answers=tuple(replace(one, seen=one.item_idx in items) for one in whole.answers))
    lent = borrowed(model, items, weights, Source.PERSONAL, without={*fresh, *items})
    tiers = [
        [Answer(item, fresh[item], Source.PERSONAL) for item in best(fresh)],
        lent,
        *filling(model, items, weights, without={*fresh, *items, *items_of(lent)}),
        [Answer(item, seen[item], Source.PERSONAL, seen=True) for item in best(seen)],
    ]
    return listed(tiers, Source.PERSONAL, k, allowed)


def popular(model: Model, k: int, allowed: Allowed = None) -> AnswerList:
    return listed([popular_answers(model, without=set())], Source.POPULAR, k, allowed)


def filling(model: Model, items: list[int], weights: list[float], without: set[int]) -> list[list[Answer]]:
    of_categories = category_answers(model, items, weights, without)
    return [of_categories, popular_answers(model, without={*without, *items_of(of_categories)})]


def category_answers(model: Model, items: list[int], weights: list[float], without: set[int]) -> list[Answer]:
    if model.catalogue is None:
        return []
    of, shares, scores = model.catalogue.category, popularity_shares(model), dict[int, np.float32]()
    told = [(weight, of[item]) for item, weight in zip(items, weights, strict=True) if of[item] >= 0]
    total = sum(weight for weight, _ in told)
    for category in {category for _, category in told}:
        part = sum(weight for weight, one in told if one == category) / total
        there = [item for item in shares if of[item] == category]
        top = max(shares[item] for item in there)
        for item in there:
            scores[item] = np.float32(part * float(shares[item] / top)) if top else np.float32(0)
    return [Answer(item, float(scores[item]), Source.CATEGORY) for item in best(scores) if item not in without]


def popularity_shares(model: Model) -> dict[int, np.float32]:
    popularity = [*model.popularity, *[np.float32(0)] * (model.n_listable - len(model.popularity))]
    top = max(popularity)
    return {item: value / top if top else np.float32(0) for item, value in enumerate(popularity)}


def popular_answers(model: Model, without: set[int]) -> list[Answer]:
    shares = popularity_shares(model)
    return [Answer(item, float(shares[item]), Source.POPULAR) for item in best(shares) if item not in without]


def listed(tiers: list[list[Answer]], source: Source, k: int, allowed: Allowed = None) -> AnswerList:
    """Put what is allowed of the tiers behind one another; only the first that has answers keeps its scores."""
    tiers = [[one for one in tier if allowed is None or one.item_idx in allowed] for tier in tiers]
    first = next((tier for tier in tiers if tier), [])
    asked = [
        answer if answer in first else replace(answer, score=0.0) for answer in [one for tier in tiers for one in tier]
    ][:k]
    sources = {answer.source for answer in asked if not answer.seen} or {answer.source for answer in asked} or {source}
    sources = {Source.POPULAR if one is Source.CATEGORY else one for one in sources}
    return AnswerList(tuple(asked), Source.MIXED if len(sources) > 1 else sources.pop())
