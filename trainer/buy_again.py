"""What a user comes back for: how much an item of a history adds to its own score.

    again_uj = strength * a_uj / max_j a_uj * sum over the history's items i of w_ui * s_i
    a_uj     = f_uj * sqrt(r_j)

f_uj is the summed weight of the user's events with j, which fade: the personal frequency that most of what people buy
again follows from (Hu et al., "Modeling Personalized Item Frequency Information for Next-basket Recommendation", SIGIR
2020). r_j is the share of the buyers of j who bought it more than once: milk is bought again, a television is not. s_i
is the highest score in item i's row, so that at a strength of 1 what the user comes back for most stands about where
the best that is new can stand.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model.model import Model
from model.neighbours import Neighbours
from trainer.events import Events
from trainer.kernel.again import scale_to_reach, share_of_best
from trainer.kernel.lists import History
from trainer.matrix import END_OF_TIME, build_user_items
from trainer.reading.queries import REQUIRED_KIND
from trainer.signal import faded

if TYPE_CHECKING:
    from trainer.settings import TrainerSettings

Floats = NDArray[np.float32]
# So many buyers of a product who bought as all of the shop's do are added to those that it has.
_SHRINKAGE: Final = 5.0
_AT_ONCE: Final = 1 << 20


def affinity_of(events: Events, settings: "TrainerSettings", until: int = END_OF_TIME) -> Floats | None:
    """Give a_uj / max_j a_uj of each interaction up to a time, float32 (n_interactions,) in the order of user_items.

    None where lists are of new products only.
    """
    if settings.exclude_seen:
        return None
    frequency = build_user_items(faded(events, settings.buy_again_half_life_days, until), until, settings.threads)
    affinity: Floats = frequency.data
    rates = np.sqrt(_return_rates(events, until, settings.threads))
    for some in _spans(affinity):
        affinity[some] *= rates[frequency.indices[some]]
    share_of_best(frequency.indptr.astype(np.int64, copy=False), affinity)
    return affinity


def with_again(model: Model, affinity: Floats | None, strength: float) -> Model:
    """Give the same model, with what its histories' items add to their own scores; as it is where there is none."""
    if affinity is None:
        return model
    again = affinity.copy()
    scale_to_reach(History.of(model.histories), row_tops(model.neighbours), strength, again)
    return replace(model, histories=replace(model.histories, again=again))


def buy_again_only(model: Model, events: Events, until: int, threads: int) -> Model:
    """Give a model that knows nothing but what users did most, the more popular first of equals.

    The personal top frequency that recommenders of repeated purchases are held against, filled up by what is popular
    (Li et al., "A Next Basket Recommendation Reality Check", TOIS 2023).
    """
    nothing = Neighbours(np.zeros(len(model.products) + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    frequency = build_user_items(events, until, threads)
    again: Floats = frequency.data
    for some in _spans(again):  # weights so small that they tell equals apart and nothing else
        again[some] += np.float32(1e-3) * model.popularity_share[frequency.indices[some]]
    return replace(model, neighbours=nothing, borrowed=None, histories=replace(model.histories, again=again))


def _return_rates(events: Events, until: int, threads: int) -> Floats:
    """Give r_j, float32 (n_items,): of its buyers, those who bought it more than once, shrunk to the shop's share."""
    is_bought = np.array([kind == REQUIRED_KIND for kind in events.kinds], np.float32)
    once = events.with_weight(np.broadcast_to(np.float32(1), len(events))).weighed_by_kind(is_bought)
    counts = build_user_items(once, until, threads)
    buyers, returned = np.zeros((2, counts.shape[1]))
    for some in _spans(counts.data):
        buyers += np.bincount(counts.indices[some], counts.data[some] > 0, len(buyers))
        returned += np.bincount(counts.indices[some], counts.data[some] > 1, len(buyers))
    share = returned.sum() / max(buyers.sum(), 1)
    rates: Floats = ((returned + _SHRINKAGE * share) / (buyers + _SHRINKAGE)).astype(np.float32)
    return rates


def _spans(values: Floats) -> Iterator[slice]:
    """Give values some at a time: to look all of their items up at once takes eight bytes each."""
    return (slice(first, first + _AT_ONCE) for first in range(0, len(values), _AT_ONCE))


def row_tops(neighbours: Neighbours) -> Floats:
    """Give the highest score of each row, float32 (n_items,), 0 where a row is empty."""
    tops = np.zeros(neighbours.n_items, np.float32)
    has_any = np.diff(neighbours.indptr) > 0
    tops[has_any] = neighbours.scores[neighbours.indptr[:-1][has_any]]
    return tops
