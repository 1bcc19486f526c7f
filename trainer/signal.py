"""From events to what user_items holds: events fade, and repeats count for less."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from trainer.events import Events
from trainer.matrix import END_OF_TIME, build_user_items
from trainer.signal_settings import Repeats, SignalSettings

if TYPE_CHECKING:
    import scipy.sparse as sp

_DAY_SECONDS: Final = 86_400
# Factors are multiples of this, so that sums of weights are exact in whatever order the rows came.
_FADING_STEP: Final = 1 / 4096
_WEIGHTS_AT_ONCE: Final = 1 << 20


def user_items_of(
    events: Events, signal: SignalSettings, *, until: int = END_OF_TIME, threads: int = 1
) -> "sp.csr_matrix":
    """Give user_items, CSR float32 (n_users, n_items), of the events up to a time, in seconds since 1970 UTC."""
    user_items = build_user_items(faded(events, signal.half_life_days, until), until=until, threads=threads)
    damp(user_items.data, signal.repeats)
    return user_items


def user_items_by_kind(
    events: Events, signal: SignalSettings, weights: Mapping[str, float], *, until: int = END_OF_TIME, threads: int = 1
) -> "dict[str, sp.csr_matrix]":
    """Give user_items of each kind of events alone, as if what such an event weighs, by kind, were 1."""
    recent = faded(events, signal.half_life_days, until)
    found = {}
    for number, kind in enumerate(events.kinds):
        if weights[kind] > 0:
            of_kind = recent.where(recent.kind == number).weighed_by_kind(_all_times(1 / weights[kind], events))
            found[kind] = build_user_items(of_kind, until=until, threads=threads)
            damp(found[kind].data, signal.repeats)
    return found


def user_items_of_kinds(
    events: Events, signal: SignalSettings, weights: Mapping[str, float], *, until: int = END_OF_TIME, threads: int = 1
) -> "sp.csr_matrix":
    """Give user_items by (kind, product), CSR float32 (n_users, n_kinds * n_items), as if each event weighed 1.

    Columns of kinds that have no weight are empty.
    """
    own = np.array([weights[kind] for kind in events.kinds])
    weighing = events if own.all() else events.where(events.each(lambda block: own[events.kind[block]] > 0))
    ones = weighing.weighed_by_kind((1 / np.where(own > 0, own, 1)).astype(np.float32))
    return user_items_of(ones.with_products_by_kind(), signal, until=until, threads=threads)


def _all_times(factor: float, events: Events) -> NDArray[np.float32]:
    return np.full(len(events.kinds), factor, np.float32)


def faded(events: Events, half_life_days: float | None, until: int = END_OF_TIME) -> Events:
    """Give the events with weights times 2^-(age / half-life), age counted back from the newest up to `until`."""
    if half_life_days is None or not len(events):
        return events
    newest = min(int(events.occurred_at.max()), until)
    half_life_seconds = half_life_days * _DAY_SECONDS
    return events.weighed_by_time(lambda times: _fading(newest - times.astype(np.int64), half_life_seconds))


def _fading(age_seconds: NDArray[np.int64], half_life_seconds: float) -> NDArray[np.float32]:
    factors = np.exp2(-np.maximum(age_seconds, 0) / half_life_seconds)
    return np.maximum(np.rint(factors / _FADING_STEP), 1).astype(np.float32) * np.float32(_FADING_STEP)


def damp(weights: NDArray[np.float32], repeats: Repeats) -> None:
    """Replace the summed weights w of pairs, in place.

    sum: w. log: 1 + ln w above 1, where one event of full weight stands. cap: 1 at most. binary: 1, whatever happened.
    """
    for first in range(0, len(weights), _WEIGHTS_AT_ONCE):
        some = weights[first : first + _WEIGHTS_AT_ONCE]
        if repeats == "log":
            np.copyto(some, 1 + np.log(np.maximum(some, 1)), where=some > 1)
        elif repeats == "cap":
            np.minimum(some, 1, out=some)
        elif repeats == "binary":
            some[some > 0] = 1
