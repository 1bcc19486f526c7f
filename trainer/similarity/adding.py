"""Adding up neighbours that were made of different kinds of events."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.neighbours import Neighbours
from trainer.arrays.spans import indptr_of

Row = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
_ROWS_AT_ONCE: Final = 4096


def added_up(parts: Sequence[tuple[float, Neighbours]], k: int) -> Neighbours:
    """Give each item's k best by the sum of all parts' scores, each times its part's weight; ties by rising item.

    Sums are made in float64, part by part in their order: the same bits wherever the parts were made.
    """
    n_items = parts[0][1].n_items
    found = [_best(parts, first, min(first + _ROWS_AT_ONCE, n_items), k) for first in range(0, n_items, _ROWS_AT_ONCE)]
    counts, indices, scores = (np.concatenate(column) for column in zip(*found, strict=True))
    return Neighbours(indptr_of(counts), indices, scores)


def _best(parts: Sequence[tuple[float, Neighbours]], first: int, last: int, k: int) -> Row:
    """Give how many neighbours each item from `first` up to `last` keeps, and these."""
    total = sum((_rows(*part, first, last) for part in parts[1:]), start=_rows(*parts[0], first, last))
    rows, columns = np.repeat(np.arange(last - first), np.diff(total.indptr)), total.indices
    scores = total.data.astype(np.float32)
    order = np.lexsort((columns, -scores, rows))
    rows, columns, scores = rows[order], columns[order], scores[order]
    is_kept = (np.arange(len(rows)) - total.indptr[rows] < k) & (scores > 0)
    return np.bincount(rows[is_kept], minlength=last - first), columns[is_kept].astype(np.int32), scores[is_kept]


def _rows(weight: float, neighbours: Neighbours, first: int, last: int) -> sp.csr_matrix:
    begin, end = neighbours.indptr[first], neighbours.indptr[last]
    scores = weight * neighbours.scores[begin:end].astype(np.float64)
    indptr = neighbours.indptr[first : last + 1] - begin
    return sp.csr_matrix((scores, neighbours.indices[begin:end], indptr), shape=(last - first, neighbours.n_items))
