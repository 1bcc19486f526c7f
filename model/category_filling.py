"""What fills a list up before popular products do: what is popular in the categories of a history."""

import numpy as np
from numpy.typing import NDArray

from model.catalogue import NO_CATEGORY, Catalogue
from model.histories import Histories
from model.model import Mask, Model
from model.ranking import Places, Scores
from model.sparse_rows import entries_of_rows


def category_items(
    model: Model, history: Histories, k: int, without: NDArray[np.int32], allowed: Mask | None = None
) -> tuple[Places, Scores]:
    """Give the k best products of a history's categories, allowed and not in `without`, with scores.

    score_j = (the part of the history's weight that is in j's category) * (j's popularity as a share of that of the
    category's most popular product), so that categories take turns by their weight. A product without an event has
    score 0 and comes last. What is in no category counts for none; without a catalogue there is nothing.
    """
    rows = model.category_rows
    if rows is None or model.catalogue is None or k <= 0:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    categories, parts = _categories_of(model.catalogue, history)
    entries, lengths = entries_of_rows(rows.indptr, categories)
    items, scores = rows.indices[entries], (np.repeat(parts, lengths) * rows.shares[entries]).astype(np.float32)
    is_free = np.ones(model.n_listable, np.bool_) if allowed is None else allowed.copy()
    is_free[without] = False
    is_left = is_free[items]
    return _first(items[is_left], scores[is_left], k)


def _first(items: Places, scores: Scores, k: int) -> tuple[Places, Scores]:
    """Give the k of highest score, ties by rising item; only these are sorted, since there may be a whole catalogue."""
    if len(items) > k:
        is_high = scores >= np.partition(scores, len(scores) - k)[len(scores) - k]
        items, scores = items[is_high], scores[is_high]
    order = np.lexsort((items, -scores))[:k]
    return items[order], scores[order]


def _categories_of(catalogue: Catalogue, history: Histories) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Give the categories of a history, and the part of its weight that is in each."""
    category = catalogue.category[history.indices]
    is_told = category != NO_CATEGORY
    weights = np.bincount(category[is_told], weights=history.weights[is_told], minlength=len(catalogue.categories))
    found = np.flatnonzero(weights > 0).astype(np.int32)
    return found, weights[found] / weights[found].sum()
