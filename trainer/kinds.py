"""Kinds of events by themselves, instead of all in one matrix, where views and purchases mean different things.

Together, a purchase also counts as taken up with what was only looked at, and a product is as popular as it is looked
at. A model holds S either way, and answers as it always does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from model.neighbours import Neighbours
from trainer.arrays.spans import indptr_of
from trainer.events import Events
from trainer.matrix import END_OF_TIME
from trainer.model_trainer import ModelTrainer
from trainer.reading.queries import REQUIRED_KIND
from trainer.signal import user_items_by_kind, user_items_of_kinds
from trainer.similarity.adding import added_up

if TYPE_CHECKING:
    import scipy.sparse as sp

    from trainer.settings import TrainerSettings


class ByKind(Protocol):
    """What neighbours are made of where kinds are not together."""

    def neighbours(self, trainer: ModelTrainer) -> Neighbours:
        """Make each product's neighbours."""


@dataclass(frozen=True)
class Apart:
    """Views tell of views, purchases of purchases: S_ij = sum over kinds a of weight_a S(a)_ij.

    S(a) is what the recipe makes of the events of kind a alone: its user_items are CSR float32 (n_users, n_items), as
    if an event weighed 1.
    """

    weights: tuple[float, ...]
    user_items: "tuple[sp.csr_matrix, ...]"

    @classmethod
    def of(cls, events: Events, settings: "TrainerSettings", until: int) -> Self:
        """Take the events up to a time apart."""
        weights = settings.event_weights()
        found = user_items_by_kind(events, settings, weights, until=until, threads=settings.threads)
        return cls(tuple(weights[kind] for kind in found), tuple(found.values()))

    def neighbours(self, trainer: ModelTrainer) -> Neighbours:
        """Make the neighbours of each kind, and add them up."""
        parts = [(weight, trainer.neighbours(one)) for weight, one in zip(self.weights, self.user_items, strict=True)]
        return added_up(parts, trainer.settings.neighbours)


@dataclass(frozen=True)
class Paths:
    """All kinds lead to purchases: S_ij = sum over the kinds a that weigh something of S_(a, i), (purchase, j).

    What a kind weighs counts in the histories, and not here once more. S is what the recipe makes of `user_items`, CSR
    float32 (n_users, n_kinds * n_items), a column a (kind, product), as if an event weighed 1. Of each (a, i) the best
    NEIGHBOURS purchases of other products are added up.
    """

    weights: tuple[float, ...]
    target: int
    user_items: "sp.csr_matrix"

    @classmethod
    def of(cls, events: Events, settings: "TrainerSettings", until: int) -> Self:
        """Lay the events up to a time out by (kind, product)."""
        weights = settings.event_weights()
        user_items = user_items_of_kinds(events, settings, weights, until=until, threads=settings.threads)
        return cls(tuple(weights[kind] for kind in events.kinds), events.kinds.index(REQUIRED_KIND), user_items)

    @property
    def n_items(self) -> int:
        """The number of products."""
        return int(self.user_items.shape[1]) // len(self.weights)

    def neighbours(self, trainer: ModelTrainer) -> Neighbours:
        """Make what leads to purchases in one pass over all pairs, and add up what leads there from each product.

        One more is asked for, since a product's own purchase is what its views lead to before all others.
        """
        k = trainer.settings.neighbours
        finder = trainer.under(trainer.settings.model_copy(update={"neighbours": k + 1}))
        finder.targets = np.arange(self.user_items.shape[1]) // self.n_items == self.target
        found = finder.neighbours(self.user_items)
        return added_up(
            [(1.0, self._from(kind, found, k)) for kind, weight in enumerate(self.weights) if weight > 0], k
        )

    def _from(self, kind: int, found: Neighbours, k: int) -> Neighbours:
        """Give the best k that products of a kind lead to; a recipe of a shop's own may know no targets."""
        indptr = found.indptr[kind * self.n_items : (kind + 1) * self.n_items + 1]
        span = slice(indptr[0], indptr[-1])
        lengths = np.diff(indptr)
        own = np.repeat(np.arange(self.n_items, dtype=np.int32), lengths)
        indices = found.indices[span] - np.int32(self.target * self.n_items)
        is_other = (indices >= 0) & (indices < self.n_items) & (indices != own)
        n_before = indptr_of(is_other)
        is_kept = is_other & (n_before[:-1] - np.repeat(n_before[indptr[:-1] - indptr[0]], lengths) < k)
        counts = np.bincount(own[is_kept], minlength=self.n_items)
        return Neighbours(indptr_of(counts), indices[is_kept], found.scores[span][is_kept])


def by_kind(events: Events, settings: "TrainerSettings", until: int = END_OF_TIME) -> ByKind | None:
    """Give the events up to a time as KINDS says, weighed as the settings say; None where kinds are together."""
    if settings.kinds == "together":
        return None
    return (Apart if settings.kinds == "apart" else Paths).of(events, settings, until)


def neighbours_of(trainer: ModelTrainer, user_items: "sp.csr_matrix", kinds: ByKind | None) -> Neighbours:
    """Make the neighbours of all events together, or, where they are by kind, of these."""
    return trainer.neighbours(user_items) if kinds is None else kinds.neighbours(trainer)
