"""What one pass over all pairs hands out: blocks, tasks, bytes through the store, and what workers add up.

Blocks are those of trainer.distributed.blocks.cut, on the ranking that a shop's popularity makes expect.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.scaling_found import expected_keys
from benchmarks.scaling_shop import Crowd
from trainer.arrays.spans import Span
from trainer.distributed.blocks import cut
from trainer.distributed.passes import LEAST_PAIRS
from trainer.similarity.layout import Ranking
from trainer.similarity.passes import SYSTEMS_BYTES

# An entry of a list; a user's list: who, and where it begins; an item: who, how many users, what the rule knows.
_ENTRY_BYTES: Final = 8
_LIST_BYTES: Final = 12
_ITEM_BYTES: Final = 16
_RULE_BYTES: Final = 16
_KEY_BYTES: Final = 8
# Each meeting has these of an item: where its keys begin.
_START_BYTES: Final = 8
# Of a meeting, while a worker is at it: postings and weights of an interaction.
_POSTING_BYTES: Final = 12
MIN_CO_OCCURRENCE: Final = 5
_OFFERS: Final = 1 << 20
_OFFER_BYTES: Final = 12
_SUM_BYTES: Final = 32
# Of local ridge: cells of a system, and how many items are near to each.
_CELL_BYTES: Final = 4
_NEAREST: Final = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cluster:
    """Workers, the memory and the threads of each; threads of the process that hands out, and database connections."""

    workers: int
    worker_bytes: int
    threads_a_worker: int = 1
    threads_here: int = 2
    connections: int = 2


@dataclass(frozen=True)
class Pass:
    """A pass over the pairs of a matrix, of whose items the best k are kept, by blocks of these ranks."""

    crowd: Crowd
    cluster: Cluster
    k: int
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, crowd: Crowd, cluster: Cluster, k: int) -> Self:
        """Cut a matrix into blocks; one block where it is too small to be handed out."""
        if crowd.pairs < LEAST_PAIRS:
            return cls(crowd, cluster, k, ())
        return cls(crowd, cluster, k, tuple(cut(_ranking(crowd), cluster.worker_bytes, cluster.workers)))

    @property
    def is_handed_out(self) -> bool:
        """Whether workers make it."""
        return bool(self.spans)

    @property
    def blocks(self) -> int:
        """The number of blocks that are handed out."""
        return len(self.spans)

    @property
    def meetings(self) -> int:
        """Each block meets itself, and each two of them meet."""
        return self.blocks * (self.blocks + 1) // 2

    @property
    def tasks(self) -> int:
        """Meetings, and the merging of each block."""
        return self.meetings + self.blocks

    @cached_property
    def interactions_by_block(self) -> Floats:
        """The interactions of each block, (n_blocks,)."""
        return np.array([self.crowd.n_users[first:last].sum() for first, last in self.spans])

    @property
    def block_bytes(self) -> float:
        """What is staged of all blocks, with what the rule knows of them."""
        users = sum(self.crowd.users_of(interactions) for interactions in self.interactions_by_block)
        of_items = (_ITEM_BYTES + _RULE_BYTES) * self.crowd.products
        return float(_ENTRY_BYTES * self.interactions_by_block.sum() + _LIST_BYTES * users + of_items)

    @cached_property
    def found_bytes(self) -> float:
        """What meetings find."""
        keys = expected_keys(self.crowd, self.spans, self.k, MIN_CO_OCCURRENCE)
        return _KEY_BYTES * keys + _START_BYTES * self.crowd.products * self.blocks

    @property
    def kept_bytes(self) -> float:
        """What a worker has on its disk in the end: the blocks that its own meetings are of, each fetched once."""
        draws = 2 * self.meetings / self.cluster.workers
        return float((1 - (1 - 1 / self.blocks) ** draws) * self.block_bytes)

    @property
    def fetched_bytes(self) -> float:
        """What all workers fetch: blocks, and all that was found."""
        return self.cluster.workers * self.kept_bytes + self.found_bytes

    @property
    def listed(self) -> float:
        """Interactions that are listed by item, each once for each block that its own one meets."""
        return float(self.interactions_by_block @ np.arange(1, self.blocks + 1))

    @property
    def scanned(self) -> float:
        """What is read to lay out blocks: all interactions, and for each block where each user's list goes on."""
        return self.crowd.interactions + self.blocks * self.crowd.users

    @property
    def worker_bytes(self) -> float:
        """What the largest meeting holds besides the process: two blocks, mapped, and what is made of them."""
        largest = self.interactions_by_block.max()
        most_items = max(last - first for first, last in self.spans)
        lists = 2 * (_ENTRY_BYTES * largest + _LIST_BYTES * self.crowd.users_of(largest))
        best = 2 * most_items * (_KEY_BYTES * (2.5 * self.k) + _RULE_BYTES)
        desk = self.cluster.threads_a_worker * (max(most_items, _OFFERS) * _OFFER_BYTES + _SUM_BYTES * most_items)
        return float(lists + _POSTING_BYTES * largest + best + desk)


def system_tasks(products: int, nearest: int = _NEAREST) -> int:
    """Give the tasks that local ridge adds to a pass: each solves some systems, and goes over all pairs for them."""
    cells = products * nearest * (nearest + 1) // 2
    return -(-cells * _CELL_BYTES // SYSTEMS_BYTES)


def _ranking(crowd: Crowd) -> Ranking:
    n = crowd.products
    n_users = np.rint(crowd.n_users).astype(np.int64)
    return Ranking(np.arange(n), n_users, np.zeros(n), np.arange(n, dtype=np.int32), round(crowd.users))
