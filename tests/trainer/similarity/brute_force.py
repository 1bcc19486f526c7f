"""Neighbours once more, by whole matrices and a full sort: slow, and written from the definitions alone."""

import numpy as np
import scipy.sparse as sp

from model.neighbours import Neighbours

Row = list[tuple[int, np.float32]]


def cosine(user_items: sp.csr_matrix, min_co_occurrence: int, k: int) -> list[Row]:
    """Give each item's neighbours and scores."""
    weights = user_items.toarray().astype(np.float64)
    known = np.zeros_like(weights)
    coo = user_items.tocoo()
    known[coo.row, coo.col] = 1
    dots, together = weights.T @ weights, known.T @ known
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse_norms = 1 / np.sqrt(dots.diagonal())
        scores = (dots * np.outer(inverse_norms, inverse_norms)).astype(np.float32)
    result = []
    for i in range(len(scores)):
        others = np.flatnonzero((together[i] >= min_co_occurrence) & (scores[i] > 0))
        row = [(int(j), scores[i, j]) for j in others if j != i]
        result.append(sorted(row, key=lambda pair: (-pair[1], pair[0]))[:k])
    return result


def rows_of(neighbours: Neighbours) -> list[Row]:
    """Give what was found in the same form."""
    rows = [neighbours.row(i) for i in range(neighbours.n_items)]
    return [list(zip(items.tolist(), scores, strict=True)) for items, scores in rows]
