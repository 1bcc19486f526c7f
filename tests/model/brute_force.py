"""The questions once more, on dense matrices and plain lists: slow, short, and written from the docstrings alone."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.answers import Answer, AnswerList, Source
from model.model import Model
from model.neighbours import Neighbours


def dense(neighbours: Neighbours) -> NDArray[np.float64]:
    """Lay the scores out as (n_items, n_items), NaN where there is no pair."""
    matrix = np.full((neighbours.n_items, neighbours.n_items), np.nan)
    for item in range(neighbours.n_items):
        for position in range(neighbours.indptr[item], neighbours.indptr[item + 1]):
            matrix[item, neighbours.indices[position]] = neighbours.scores[position]
    return matrix


def best(scores: Mapping[int, float | np.float32]) -> list[int]:
    return sorted(scores, key=lambda item: (-scores[item], item))


def similar(model: Model, item: int, k: int) -> AnswerList:
    row = dense(model.neighbours)[item]
    scores = {other: float(row[other]) for other in range(len(row)) if not np.isnan(row[other])}
    answers = [Answer(other, scores[other], Source.SIMILAR) for other in best(scores)]
    return filled(model, answers, Source.SIMILAR, k, seen=set(), never={item})


def recommend(model: Model, items: list[int], weights: list[float], k: int) -> AnswerList:
    matrix, scores = dense(model.neighbours), dict[int, float]()
    for item, weight in zip(items, weights, strict=True):
        for other in range(len(matrix)):
            if not np.isnan(matrix[item, other]) and other not in items:
                scores[other] = scores.get(other, 0.0) + weight * float(matrix[item, other])
    answers = [Answer(other, scores[other], Source.PERSONAL) for other in best(scores)]
    return filled(model, answers, Source.PERSONAL, k, seen=set(items), never=set())


def popular(model: Model, k: int) -> AnswerList:
    return filled(model, [], Source.POPULAR, k, seen=set(), never=set())


def filled(model: Model, answers: list[Answer], source: Source, k: int, seen: set[int], never: set[int]) -> AnswerList:
    popularity = dict(enumerate(model.popularity))
    listed = {answer.item_idx for answer in answers} | never
    rest = [item for item in best(popularity) if item not in listed]
    top = max(popularity.values())
    share = {item: 0.0 if answers or not top else float(popularity[item] / top) for item in rest}
    unseen_first = [item for item in rest if item not in seen] + [item for item in rest if item in seen]
    filling = [Answer(item, share[item], Source.POPULAR, item in seen) for item in unseen_first]
    asked = (answers + filling)[:k]
    sources = {answer.source for answer in asked}
    own = {Source.POPULAR: Source.POPULAR, source: source}
    return AnswerList(tuple(asked), Source.MIXED if len(sources) > 1 else own[sources.pop()] if sources else source)
