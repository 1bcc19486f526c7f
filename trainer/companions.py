"""Substitutes and complements: what shoppers compare, and what they put together.

Products that the same shoppers look at take each other's place; products that the same shoppers buy go together
(McAuley, Pandey and Leskovec, "Inferring networks of substitutable and complementary products", KDD 2015). A pair that
is both is what it is more: it is a complement where buying brings it together more than looking does, by lift.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model.companions import Companions
from model.neighbours import Neighbours
from trainer.arrays.counts import counts_of
from trainer.arrays.spans import indptr_of
from trainer.events import Events
from trainer.kernel.scores import SCALED_COUNT
from trainer.matrix import build_user_items
from trainer.similarity.guard import guarded
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import lay_out_here
from trainer.similarity.recipes import Limits, PairScore, fame

if TYPE_CHECKING:
    from trainer.model_trainer import ModelTrainer

log = logging.getLogger(__name__)

_LOOKING, _BUYING = "view", "purchase"
# So many are found of each kind, to be held against the other's.
_FOUND: Final = 200
# c_ij / sqrt(d_i d_j), out of which the shoppers c_ij can be had again.
_TOGETHER: Final = PairScore(SCALED_COUNT, fame(0.5), fame(0.5))

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CompanionLists:
    """What takes a product's place, and what goes with it; None where no event tells."""

    substitutes: Companions | None
    complements: Companions | None


def companion_lists(trainer: "ModelTrainer", events: Events) -> CompanionLists:
    """Find at most COMPANIONS of each for every product; pairs need MIN_CO_OCCURRENCE shoppers."""
    looked, bought = (_Together.of(trainer, events, kind) for kind in (_LOOKING, _BUYING))
    most = trainer.settings.companions
    lists = CompanionLists(_mostly(looked, bought, most), _mostly(bought, looked, most))
    pairs = [0 if one is None else one.n_pairs for one in (lists.substitutes, lists.complements)]
    log.info(
        "Companions: %s pairs of substitutes, %s of complements",
        *(f"{n:,}" for n in pairs),
        extra={"substitutes": pairs[0], "complements": pairs[1]},
    )
    return lists


@dataclass(frozen=True)
class _Together:
    """Pairs of products that the same shoppers looked at, or bought: by item, the most telling first.

    `pairs` int64 are item * n_items + companion; `shoppers` int64 how many had both; `lifts` float64 how many times as
    many as by chance.
    """

    pairs: Ints
    shoppers: Ints
    lifts: NDArray[np.float64]
    n_items: int

    @classmethod
    def of(cls, trainer: "ModelTrainer", events: Events, kind: str) -> "_Together | None":
        settings = trainer.settings
        if kind not in events.kinds or not settings.companions:
            return None
        of_kind = events.where(events.kind == events.kinds.index(kind))
        user_items = build_user_items(of_kind, threads=settings.threads)
        user_items = guarded(user_items, settings.max_user_products, trainer.scratch)
        found = neighbours_by(
            _TOGETHER,
            user_items,
            Limits(settings.min_co_occurrence, max(_FOUND, settings.companions)),
            threads=settings.threads,
            scratch=trainer.scratch,
            lay_out=trainer.lay_out or lay_out_here,
        )
        return cls._counted(found, counts_of(user_items.indices, found.n_items), user_items.shape[0])

    @classmethod
    def _counted(cls, found: Neighbours, n_users: Ints, n_all_users: int) -> "_Together":
        """Take the shoppers back out of the scores."""
        items = np.repeat(np.arange(found.n_items), np.diff(found.indptr))
        products = n_users[items].astype(np.float64) * n_users[found.indices]
        shoppers = np.rint(found.scores * np.sqrt(products)).astype(np.int64)
        return cls(items * found.n_items + found.indices, shoppers, shoppers * n_all_users / products, found.n_items)


def _mostly(own: _Together | None, other: _Together | None, most: int) -> Companions | None:
    """Give the pairs that are brought together in one way at least as much as in the other."""
    if own is None:
        return None
    is_own = own.lifts >= _lifts_of(own.pairs, other)
    items, companions = np.divmod(own.pairs[is_own], own.n_items)
    places = np.arange(len(items)) - np.searchsorted(items, items)
    is_kept = places < most
    counts = np.bincount(items[is_kept], minlength=own.n_items)
    return Companions(
        indptr_of(counts), companions[is_kept].astype(np.int32), own.shoppers[is_own][is_kept].astype(np.int32)
    )


def _lifts_of(pairs: Ints, other: _Together | None) -> NDArray[np.float64]:
    """Give how many times as often as by chance the other way brings these pairs together, 0 where it hardly does."""
    lifts = np.zeros(len(pairs))
    if other is not None and len(other.pairs):
        order = np.argsort(other.pairs)
        places = np.minimum(np.searchsorted(other.pairs, pairs, sorter=order), len(order) - 1)
        found = order[places]
        is_there = other.pairs[found] == pairs
        lifts[is_there] = other.lifts[found[is_there]]
    return lifts
