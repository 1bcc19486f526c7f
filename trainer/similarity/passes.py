"""Passes over all pairs of items: what a recipe asks for, and those that are made here, by threads."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from trainer.arrays.scratch import Scratch
from trainer.kernel.best import Best
from trainer.kernel.pairs import Rule
from trainer.similarity.layout import PairedItems, Ranking, Workers
from trainer.similarity.pairing import best_of_pairs
from trainer.similarity.ridge import Regression, best_of_solutions

if TYPE_CHECKING:
    import scipy.sparse as sp

# What systems may take at a time where nothing is said of memory.
SYSTEMS_BYTES: Final = 128 << 20


class Passes(Protocol):
    """The items of a matrix that can have a neighbour, each pair of which is gone over as often as is asked for."""

    @property
    def ranking(self) -> Ranking:
        """The items, by falling number of users."""

    def best_of_pairs(self, rule: Rule, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by a score of pairs."""

    def best_of_solutions(self, near: Best, regression: Regression, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by systems of what is near to each candidate."""


class LayOut(Protocol):
    """What makes a matrix ready for passes."""

    def __call__(
        self, user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch
    ) -> AbstractContextManager[Passes]:
        """Lay out the items of min_users users at least."""


@dataclass(frozen=True)
class PassesHere:
    """Passes that this process's threads make, over items that are laid out in its memory or its scratch."""

    items: PairedItems
    systems_bytes: int = SYSTEMS_BYTES

    @property
    def ranking(self) -> Ranking:
        """The items, by falling number of users."""
        return self.items.ranking

    def best_of_pairs(self, rule: Rule, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by a score of pairs."""
        return best_of_pairs(self.items, rule, k)

    def best_of_solutions(self, near: Best, regression: Regression, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by systems of what is near to each candidate."""
        return best_of_solutions(self.items, near, regression, k, self.systems_bytes)


@contextmanager
def lay_out_here(
    user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch
) -> Iterator[PassesHere]:
    """Lay out the items of min_users users at least for this process's threads."""
    items = PairedItems.of(user_items, min_users, workers, scratch)
    del user_items  # as large as what was made of it
    yield PassesHere(items, SYSTEMS_BYTES if scratch.work_bytes is None else scratch.work_bytes)
