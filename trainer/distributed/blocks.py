"""Blocks of items as they are staged: the lists of users, and what is known of the items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from trainer.arrays.spans import Span, indptr_of, spans_of_at_most
from trainer.distributed.mapped import columns_of, lists_of
from trainer.distributed.shelf import Shelf
from trainer.similarity.layout import BYTES_AN_INTERACTION, Block, Ranking

# What a worker's interpreter and libraries take, and what part of the rest its arrays may.
_PROCESS_BYTES: Final = 320 << 20
_SHARE: Final = 0.75
_LEAST_BYTES: Final = 64 << 20
# Of an item while blocks meet: the keys of so many neighbours at most, half as many again, and what is found of them.
_MOST_KEPT: Final = 200
_BYTES_AN_ITEM: Final = 8 * (_MOST_KEPT + _MOST_KEPT // 2) + 8 * _MOST_KEPT + 100
# So that workers have work to the end: about so many meetings for each.
_MEETINGS_A_WORKER: Final = 4


@dataclass(frozen=True)
class Blocks:
    """The blocks of a matrix: what they are staged under, and the ranks of each."""

    name: str
    spans: Sequence[Span]

    def __len__(self) -> int:
        return len(self.spans)

    def names(self) -> list[str]:
        """Give all names that they are staged under."""
        return [name for number in range(len(self)) for name in (self.lists(number), self.items(number))]

    def lists(self, number: int) -> str:
        """Name the lists of a block's users."""
        return f"{self.name}-lists-{number}"

    def items(self, number: int) -> str:
        """Name what is known of a block's items."""
        return f"{self.name}-items-{number}"


def cut(ranking: Ranking, worker_bytes: int, n_workers: int) -> list[Span]:
    """Cut the ranks into blocks of which a worker can hold two, and enough of them to keep all workers at work."""
    indptr = indptr_of(ranking.n_users * BYTES_AN_INTERACTION + 2 * _BYTES_AN_ITEM)
    most = max(_LEAST_BYTES, int(_SHARE * (worker_bytes - _PROCESS_BYTES)))
    wanted = int(np.ceil(np.sqrt(2 * _MEETINGS_A_WORKER * n_workers)))
    return spans_of_at_most(indptr, min(most, max(1, -(-int(indptr[-1]) // wanted))))


def stage_block(shelf: Shelf, blocks: Blocks, number: int, block: Block, ranking: Ranking) -> None:
    """Stage a block."""
    lists = lists_of(block.starts, block.entries.view(np.uint64).reshape(-1))
    users = pa.array(block.users)
    shelf.write(blocks.lists(number), pa.RecordBatch.from_arrays([users, lists], names=["user", "list"]))
    items = slice(*blocks.spans[number])
    shelf.write(blocks.items(number), columns_of(item=ranking.items[items], n_users=ranking.n_users[items]))


def staged_block(shelf: Shelf, blocks: Blocks, number: int, first_rank: int) -> Block:
    """Give a block, its items being ranked from `first_rank` on."""
    lists, n_users = shelf.read(blocks.lists(number)), shelf.read(blocks.items(number)).column("n_users")
    starts, entries = lists.lists("list")
    ranks = (first_rank, first_rank + len(n_users))
    return Block(ranks, n_users, lists.column("user"), starts, entries.view(np.uint32).reshape(-1, 2))
