"""Systems of local ridge on a worker: those of some candidates, filled on a pass over all blocks, and solved."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.arrays.spans import indptr_of
from trainer.distributed.at_hand import AtHand, at_hand
from trainer.distributed.blocks import Blocks, staged_block
from trainer.distributed.mapped import rows_of
from trainer.distributed.shelf import Shelf
from trainer.kernel.pairs import Lists
from trainer.kernel.systems import Systems
from trainer.similarity.ridge import solve_all


@dataclass(frozen=True)
class SystemsPass:
    """The systems of all candidates, some at a time; `unit` is the median of the diagonal of G."""

    name: str
    blocks: Blocks
    unit: float

    def systems(self, number: int) -> str:
        """Name the systems of some candidates."""
        return f"{self.name}-systems-{number}"

    @property
    def diagonal(self) -> str:
        """The name of the diagonals."""
        return f"{self.name}-diagonal"


def stage_systems(shelf: Shelf, name: str, systems: Systems) -> None:
    """Stage systems that have no cells yet."""
    columns = [pa.array(systems.sizes), rows_of(systems.members), rows_of(systems.sides)]
    shelf.write(name, pa.RecordBatch.from_arrays(columns, names=["size", "members", "sides"]))


def solve_some(work: SystemsPass, number: int) -> NDArray[np.float32]:
    """Give the solutions of some candidates' systems, float32 (n, m), by member."""
    here = at_hand()
    systems = _systems(here, work.systems(number))
    diagonal = here.shelf.read(work.diagonal).column("diagonal")
    solve_all(systems, diagonal, work.unit, _meetings(here, work.blocks), here.threads)
    return systems.sides


def _systems(here: AtHand, name: str) -> Systems:
    staged = here.shelf.read_once(name)
    sizes = staged.column("size")
    starts = indptr_of(sizes * (sizes + 1) // 2)
    return Systems(staged.rows("members"), sizes, starts, np.empty(0, np.float32), staged.rows("sides").copy())


def _meetings(here: AtHand, blocks: Blocks) -> Iterator[Lists]:
    """Let every block meet those before it, and itself; two of them are mapped at a time."""
    for number in range(len(blocks)):
        block = staged_block(here.shelf, blocks, number, blocks.spans[number][0])
        for among in range(number):
            before = staged_block(here.shelf, blocks, among, blocks.spans[among][0])
            yield block.lists_against(before, here.threads)
        yield block.lists_against(block, here.threads)
