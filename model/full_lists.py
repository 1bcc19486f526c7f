"""Lists that neighbours fill on their own, which most are: items and scores, without an object for each answer.

What is given here is what `similar` and `recommend` of model.answers say. None means that they have to be asked: other
products fill the list up, products of the history are to be told from new ones, scores are not above 0, or not what
decides the order.
"""

from typing import Final

import numpy as np

from model.answers import popular_items
from model.histories import Histories
from model.model import Mask, Model
from model.neighbours import Neighbours
from model.ranking import Scores
from model.reordering import BY_SCORE, Ordering
from model.sparse_rows import entries_of_rows

Listed = tuple[list[int], list[float]]
# Scores are looked at in so many rows, whose columns are compared at once.
_ROWS: Final = 64
# A table of all scores is quicker than to avoid it where there are no more of them, or not so many for each part.
_FEW_SCORES: Final = 50_000
_SCORES_PER_PART: Final = 64
_NONE: Final = np.empty(0, np.int32)


def similar_in_full(
    model: Model, item_idx: int, k: int, allowed: Mask | None = None, ordering: Ordering = BY_SCORE
) -> Listed | None:
    """Give the k products most similar to one and their scores, best first."""
    if ordering != BY_SCORE or item_idx >= len(model.products):
        return None
    items, scores = model.neighbours.row(item_idx)
    if allowed is not None:
        is_allowed = allowed[items]
        items, scores = items[is_allowed], scores[is_allowed]
    if len(items) < k or scores[k - 1] <= 0:
        return None
    return items[:k].tolist(), scores[:k].tolist()


def popular_in_full(model: Model, k: int, allowed: Mask | None = None) -> Listed:
    """Give the k most popular products, or all that are allowed, and their share of the most popular one's weight."""
    items = model.listable_by_popularity[:k] if allowed is None else popular_items(model, k, _NONE, allowed)
    return items.tolist(), model.popularity_share[items].tolist()


def recommend_in_full(
    model: Model, history: Histories, k: int, allowed: Mask | None = None, ordering: Ordering = BY_SCORE
) -> Listed | None:
    """Give the k new products of highest score that one history leads to, best first, ties by rising item."""
    if ordering != BY_SCORE or history.again is not None:
        return None
    known = history.below(len(model.products))
    scores = _scores(model.neighbours, known)
    if scores is None:
        return None
    scores[known.indices] = 0
    if allowed is not None:
        scores[: model.neighbours.n_items] *= allowed[: model.neighbours.n_items]
    return _best(scores, k)


def _scores(neighbours: Neighbours, history: Histories) -> Scores | None:
    """Give the score of every item and of a few beyond, whose number _ROWS divides; None where few are reached.

    Sums are those of model.ranking.weighted_rows, to the bit: the same parts in the same order.
    """
    entries, lengths = entries_of_rows(neighbours.indptr, history.indices)
    n_columns = -(-neighbours.n_items // _ROWS)
    if neighbours.n_items > max(_FEW_SCORES, _SCORES_PER_PART * len(entries)):
        return None
    parts = neighbours.scores[entries] * history.weights.astype(np.float64).repeat(lengths)
    return np.bincount(neighbours.indices[entries], parts, n_columns * _ROWS).astype(np.float32)


def _best(scores: Scores, k: int) -> Listed | None:
    """Give the k items of highest score, None where so many are not above 0."""
    highest = scores.reshape(_ROWS, -1).max(axis=0)
    # Each of k columns holds a score that high, so that none of the k best is lower.
    contested = highest if k <= len(highest) else scores.copy()
    if k > len(contested):
        return None
    contested.partition(len(contested) - k)
    least = contested[len(contested) - k]
    if least <= 0:
        return None
    items = (scores >= least).nonzero()[0]
    found = scores[items]
    order = (-found).argsort(kind="stable")[:k]
    return items[order].tolist(), found[order].tolist()
