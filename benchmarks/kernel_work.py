"""What the kernel has to do at the least for a matrix: additions, and bytes of memory."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import scipy.sparse as sp

from benchmarks.machine_limits import MachineLimits
from model.neighbours import Neighbours

_ENTRY_BYTES: Final = 8


@dataclass(frozen=True)
class Work:
    """What there is to do, however it is done, and what this way of doing it reads besides.

    `additions`: a user with p items that can have a neighbour adds to p (p - 1) / 2 pairs. `memory_bytes`: user_items
    is read once and the neighbours are written once. `list_bytes`: a user's list is read for each of its items up to
    where that item stands, 8 bytes an addition, out of a cache where it is there still.
    """

    interactions: int
    additions: int
    memory_bytes: int
    list_bytes: int

    @classmethod
    def of(cls, user_items: sp.csr_matrix, neighbours: Neighbours, min_co_occurrence: int) -> Self:
        """Count it for user_items (n_users, n_items), and for the neighbours that were found in it."""
        additions = count_additions(user_items, min_co_occurrence)
        arrays = (user_items.indptr, user_items.indices, user_items.data)
        written = (neighbours.indptr, neighbours.indices, neighbours.scores)
        memory_bytes = sum(one.nbytes for one in (*arrays, *written))
        return cls(user_items.nnz, additions, memory_bytes, _ENTRY_BYTES * additions)

    def seconds_of_memory(self, limits: MachineLimits) -> float:
        """Give the least seconds by the memory."""
        return self.memory_bytes / limits.memory_bytes

    def seconds_of_additions(self, limits: MachineLimits) -> float:
        """Give the least seconds by the additions."""
        return self.additions / limits.additions

    def least_seconds(self, limits: MachineLimits) -> float:
        """Give the seconds below which no kernel of this kind gets here: those of the nearer limit."""
        return max(self.seconds_of_memory(limits), self.seconds_of_additions(limits))


def count_additions(user_items: sp.csr_matrix, min_co_occurrence: int) -> int:
    """Count the pairs of items within users, of items with enough users to have a neighbour at all."""
    is_kept = np.bincount(user_items.indices, minlength=user_items.shape[1]) >= min_co_occurrence
    kept_before = np.concatenate([[0], np.cumsum(is_kept[user_items.indices], dtype=np.int64)])
    lengths = np.diff(kept_before[user_items.indptr])
    return int((lengths * (lengths - 1) // 2).sum())
