"""Products in the company of others: which ones the same shoppers looked at, or bought, and how many of them did."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Companions:
    """Row i holds item i's companions, the most telling first, never i itself, and how many shoppers had both.

    `indptr` int64 (n_items + 1,), `indices` and `shoppers` int32 (n_pairs,).
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    shoppers: NDArray[np.int32]

    @property
    def n_items(self) -> int:
        """The number of items, rows without companions included."""
        return len(self.indptr) - 1

    @property
    def n_pairs(self) -> int:
        """The number of (item, companion) pairs."""
        return len(self.indices)

    def row(self, item_idx: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Give an item's companions, best first, and the shoppers of both."""
        span = slice(self.indptr[item_idx], self.indptr[item_idx + 1])
        return self.indices[span], self.shoppers[span]
