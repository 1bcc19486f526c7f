"""Two blocks meet on a worker: every pair of their items, and the best of each; and what was found is merged.

A block first meets itself. What its items find there is a floor for all other meetings: below it none can be among the
best, so that little is found there, staged and merged. Which of two meetings comes first changes nothing in the end.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.arrays.spans import Span, even_spans
from trainer.distributed.at_hand import AtHand, at_hand
from trainer.distributed.blocks import Blocks, staged_block
from trainer.distributed.mapped import lists_of_lengths
from trainer.kernel.best import Best, raise_floors, take_keys
from trainer.kernel.keys import Keys
from trainer.kernel.pairs import Desk, Rule
from trainer.similarity.pairing import compare, settled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairPass:
    """A pass over all pairs of some blocks' items: how a pair is judged (kernel.pairs.Rule), and how many are kept.

    What the rule knows of items is staged, block by block.
    """

    name: str
    blocks: Blocks
    min_co_occurrence: float
    form: int
    n_users: float
    k: int

    def names(self) -> list[str]:
        """Give all names that a pass stages something under."""
        numbers = range(len(self.blocks))
        return [self.rule(number) for number in numbers] + [self.found(a, b) for a in numbers for b in numbers]

    def rule(self, number: int) -> str:
        """Name what the rule knows of a block's items."""
        return f"{self.name}-rule-{number}"

    def found(self, number: int, among: int) -> str:
        """Name what a block's items found among another's."""
        return f"{self.name}-found-{number}-{among}"


class Found(NamedTuple):
    """The best of some items: how many each has, int32 (n_items,), and their keys one after the other, uint64."""

    counts: NDArray[np.int32]
    keys: Keys

    @classmethod
    def of(cls, best: Best, items: slice) -> "Found":
        """Take some items' out of what is settled."""
        counts = best.counts[items]
        return cls(counts, best.keys[items, : best.k][np.arange(best.k) < counts[:, None]])

    def put_into(self, best: Best, items: slice) -> None:
        """Let these be the best of some items that have none yet."""
        best.counts[items] = self.counts
        best.keys[items, : best.k][np.arange(best.k) < self.counts[:, None]] = self.keys


def meet_itself(work: PairPass, number: int) -> Floats:
    """Compare a block's items with one another; give the floors, float64 (n_items,)."""
    here = at_hand()
    block = staged_block(here.shelf, work.blocks, number, 0)
    best = Best.none_yet(block.n_items, work.k)
    lists = block.lists_against(block, here.threads)
    desks = [Desk.of(block.n_items) for _ in range(here.threads.n)]
    compare(lists, _rule(here, work, number), best, desks, here.threads, lambda _done: None)
    settled(best, here.threads)
    _stage(here, work.found(number, number), Found.of(best, slice(0, block.n_items)))
    raise_floors(best)
    return best.floors


def meet(work: PairPass, number: int, among: int, floors: Floats, floors_among: Floats) -> None:
    """Compare a block's items with those of an earlier one, where neither takes what is below its floors."""
    here = at_hand()
    before = staged_block(here.shelf, work.blocks, among, 0)
    block = staged_block(here.shelf, work.blocks, number, before.n_items)
    best = Best.none_yet(before.n_items + block.n_items, work.k)
    best.floors[:] = np.concatenate([floors_among, floors])
    lists = block.lists_against(before, here.threads)
    desks = [Desk.of(before.n_items) for _ in range(here.threads.n)]
    compare(lists, _rule(here, work, among, number), best, desks, here.threads, lambda _done: None)
    settled(best, here.threads)
    _stage(here, work.found(among, number), Found.of(best, slice(0, before.n_items)))
    _stage(here, work.found(number, among), Found.of(best, slice(before.n_items, None)))


def merge(work: PairPass, number: int, _own: Floats, _met: list[None]) -> Found:
    """Give the best of a block's items among all blocks, once they have met."""
    here = at_hand()
    first, last = work.blocks.spans[number]
    best = Best.none_yet(last - first, work.k)
    parts = even_spans(np.arange(last - first + 1), here.threads.n)
    for among in range(len(work.blocks)):
        starts, keys = here.shelf.read_once(work.found(number, among)).lists("keys")
        here.threads.each(partial(_take, best, starts, keys, parts))
    return Found.of(settled(best, here.threads), slice(0, last - first))


def _take(best: Best, starts: NDArray[np.int64], keys: Keys, parts: list[Span], part: int) -> None:
    take_keys(best, starts, keys, *parts[part])


def _rule(here: AtHand, work: PairPass, *numbers: int) -> Rule:
    """Give the rule for the items of some blocks, one behind the other."""
    known = [here.shelf.read(work.rule(number)) for number in numbers]
    items = [here.shelf.read(work.blocks.items(number)).column("item") for number in numbers]
    own, other = (np.concatenate([one.column(name) for one in known]) for name in ("own", "other"))
    return Rule(work.min_co_occurrence, work.form, work.n_users, own, other, np.concatenate(items))


def _stage(here: AtHand, name: str, found: Found) -> None:
    keys = lists_of_lengths(found.counts, found.keys)
    here.shelf.write(name, pa.RecordBatch.from_arrays([keys], names=["keys"]))
