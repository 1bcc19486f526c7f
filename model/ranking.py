"""The numbers behind the answers: adding up the rows of a history, and picking the best."""

import numpy as np
from numpy.typing import NDArray

from model.neighbours import Neighbours

Items = NDArray[np.int32]
Scores = NDArray[np.float32]
# A row over all items is quicker to clear than to avoid, unless there are so many items for each entry added up.
_ITEMS_PER_ENTRY = 32


def weighted_rows(neighbours: Neighbours, items: Items, weights: Scores) -> tuple[Items, Scores]:
    """Give all items that the rows of `items` lead to, rising, and their scores, the rows' sum by weight."""
    places, lengths = entries_of_rows(neighbours.indptr, items)
    reached, parts = neighbours.indices[places], neighbours.scores[places] * np.repeat(weights, lengths)
    if len(reached) * _ITEMS_PER_ENTRY < neighbours.n_items:
        distinct, inverse = np.unique(reached, return_inverse=True)
        return distinct, np.bincount(inverse, weights=parts, minlength=len(distinct)).astype(np.float32)
    is_reached = np.zeros(neighbours.n_items, np.bool_)
    is_reached[reached] = True
    distinct = np.flatnonzero(is_reached).astype(np.int32)
    return distinct, np.bincount(reached, weights=parts, minlength=neighbours.n_items)[distinct].astype(np.float32)


def best(items: Items, scores: Scores, k: int) -> tuple[Items, Scores]:
    """Give the k items of the highest scores, best first, ties by rising item; `items` rise."""
    if 0 < k < len(scores):
        worst_of_the_best = np.partition(scores, len(scores) - k)[len(scores) - k]
        contenders = scores >= worst_of_the_best
        items, scores = items[contenders], scores[contenders]
    order = np.lexsort((items, -scores))[: max(k, 0)]
    return items[order], scores[order]


def are_among(wanted: Items, rising: Items) -> NDArray[np.bool_]:
    """Tell which of the rising items are among the few wanted, bool of the shape of `rising`."""
    found = np.zeros(len(rising), np.bool_)
    if len(rising):
        places = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
        found[places[rising[places] == wanted]] = True
    return found


def entries_of_rows(indptr: NDArray[np.int64], rows: Items) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the place of each entry of some rows of a CSR, row after row, and each of these rows' length."""
    starts = indptr[rows]
    lengths = indptr[rows.astype(np.int64) + 1] - starts
    rows_begin = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - rows_begin, lengths), lengths
