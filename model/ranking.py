"""The numbers behind the answers: adding up the rows of histories, and picking the best.

Several histories are asked at a time: a step of numpy costs the same for one and for a few. Who asks about what is then
a cell of a table of users and items, written as user * n_items + item, int64; with one history a cell is an item.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.histories import Histories
from model.neighbours import Neighbours
from model.sparse_rows import entries_of_rows

Cells = NDArray[np.int64]
Scores = NDArray[np.float32]
# Items or cells.
Places = NDArray[np.integer[Any]]
# A table of all cells is quicker to clear than to avoid, unless it has so many of them for each entry added up.
_CELLS_PER_ENTRY = 64


def cells_of(histories: Histories, n_items: int) -> Cells:
    """Give the cell of each interaction, int64 (n_interactions,)."""
    cells: Cells = np.repeat(np.arange(histories.n_users) * n_items, np.diff(histories.indptr)) + histories.indices
    return cells


def weighted_rows(neighbours: Neighbours, histories: Histories) -> tuple[Cells, Scores]:
    """Give all cells that the rows of the items lead to, rising, and their scores, the rows' sum by weight.

    Where items may come again, their own cells are among them. Products and sums are float64, and rounded at last.
    """
    entries, lengths = entries_of_rows(neighbours.indptr, histories.indices)
    shifts: Cells = cells_of(histories, neighbours.n_items) - histories.indices
    reached: Cells = np.repeat(shifts, lengths) + neighbours.indices[entries]
    parts = neighbours.scores[entries] * np.repeat(histories.weights.astype(np.float64), lengths)
    if histories.again is not None:
        reached = np.concatenate([reached, cells_of(histories, neighbours.n_items)])
        parts = np.concatenate([parts, histories.again.astype(np.float64)])
    n_cells = histories.n_users * neighbours.n_items
    if len(reached) * _CELLS_PER_ENTRY < n_cells:
        distinct, inverse = np.unique(reached, return_inverse=True)
        return distinct, np.bincount(inverse, weights=parts, minlength=len(distinct)).astype(np.float32)
    is_reached = np.zeros(n_cells, np.bool_)
    is_reached[reached] = True
    distinct = np.flatnonzero(is_reached)
    return distinct, np.bincount(reached, weights=parts, minlength=n_cells)[distinct].astype(np.float32)


def best(places: Places, scores: Scores, k: int) -> tuple[Places, Scores]:
    """Give the k places of the highest scores, best first, ties by rising place; `places` rise."""
    if 0 < k < len(scores):
        worst_of_the_best = np.partition(scores, len(scores) - k)[len(scores) - k]
        contenders = scores >= worst_of_the_best
        places, scores = places[contenders], scores[contenders]
    order = np.argsort(-scores, kind="stable")[: max(k, 0)]
    return places[order], scores[order]


def are_among(wanted: Places, rising: Places) -> NDArray[np.bool_]:
    """Tell which of the rising places are among those wanted, bool of the shape of `rising`."""
    found = np.zeros(len(rising), np.bool_)
    if len(rising):
        places = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
        found[places[rising[places] == wanted]] = True
    return found
