"""Each product's scored neighbours, best first: the heart of a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True)
class Neighbours:
    """Row i holds item i's neighbours by falling score, ties by rising idx, never i itself.

    `indptr` int64 (n_items + 1,), `indices` int32 and `scores` float32 (n_pairs,).
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    scores: NDArray[np.float32]

    @property
    def n_items(self) -> int:
        """The number of items, rows without neighbours included."""
        return len(self.indptr) - 1

    @property
    def n_pairs(self) -> int:
        """The number of scored (item, neighbour) pairs; a pair that stands in both rows counts twice."""
        return len(self.indices)

    @property
    def density(self) -> float:
        """Share of the n(n - 1) ordered off-diagonal pairs that are held, from 0 to 1."""
        possible = self.n_items * (self.n_items - 1)
        return self.n_pairs / possible if possible else 0.0

    @property
    def mean_score(self) -> float:
        """Mean score of the pairs held, 0 where there is none."""
        return float(self.scores.mean(dtype=np.float64)) if self.n_pairs else 0.0

    @property
    def n_unlisted(self) -> int:
        """The number of items that have neighbours and stand in no other item's row: no list leads to them."""
        is_listed = np.zeros(self.n_items, np.bool_)
        is_listed[self.indices] = True
        return int(np.count_nonzero(~is_listed & (np.diff(self.indptr) > 0)))

    def row(self, item_idx: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Give an item's neighbours and their scores, best first."""
        span = slice(self.indptr[item_idx], self.indptr[item_idx + 1])
        return self.indices[span], self.scores[span]

    @classmethod
    def from_matrix(cls, similarities: "sp.csr_matrix | sp.csr_array", k: int) -> "Neighbours":
        """Keep the best k of each row of a sparse (n_items, n_items) matrix, its diagonal left out."""
        coo = similarities.tocoo()
        rows, columns, scores = coo.row, coo.col, coo.data.astype(np.float32)
        keep = (rows != columns) & (scores != 0)
        rows, columns, scores = rows[keep], columns[keep], scores[keep]
        order = np.lexsort((columns, -scores, rows))
        rows, columns, scores = rows[order], columns[order], scores[order]
        starts = np.searchsorted(rows, np.arange(similarities.shape[0]))
        best = np.arange(len(rows)) - starts[rows] < k
        counts = np.bincount(rows[best], minlength=similarities.shape[0])
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(indptr, columns[best].astype(np.int32), scores[best])
