"""The holdout: what users did after a cut that neither side has seen anything behind.

The cut is the time of the champion's newest event where enough users did something new since then: the champion is then
compared as it is served. Otherwise it is the beginning of the last few days, and the champion's recipe is tried in its
place, rebuilt on the events before the cut.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.settings import EvaluationSettings
from trainer.events import Events

_DAY_SECONDS: Final = 86_400
_SEED: Final = 20250105
# Events that are looked through at a time, so that looking takes little memory.
_BLOCK: Final = 1 << 18

Bools = NDArray[np.bool_]
Pairs = NDArray[np.int64]


class CutBy(StrEnum):
    """What the cut was made by: the champion's newest event, or a window before the newest event there is."""

    CHAMPION = "champion"
    WINDOW = "window"


@dataclass(frozen=True)
class Holdout:
    """The users that are asked about, and what each took up after the cut that they had not had before.

    `users` int32 (n_users,), rising; user n took up `items[indptr[n]:indptr[n + 1]]`, int32, rising. `cut` is in
    seconds since 1970 UTC: events up to it are known. Counted: users who did nothing new, users who are new themselves,
    and how many users the sample was drawn from.
    """

    cut: int
    cut_by: CutBy
    users: NDArray[np.int32]
    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    n_left_out: int
    n_new_users: int
    n_sampled_from: int


@dataclass(frozen=True)
class NoHoldout:
    """Why a recipe cannot be tried."""

    why: str


def hold_out(events: Events, champion_until: datetime | None, settings: EvaluationSettings) -> Holdout | NoHoldout:
    """Choose the cut, and hold out what came after it."""
    least = settings.holdout_min_users
    if champion_until is not None:
        since = held_out_after(events, int(champion_until.timestamp()), CutBy.CHAMPION, settings.holdout_users)
        if len(since.users) >= least:
            return since
    begin = int(events.occurred_at.max()) - round(settings.holdout_days * _DAY_SECONDS)
    last_days = held_out_after(events, begin, CutBy.WINDOW, settings.holdout_users)
    if len(last_days.users) >= least:
        return last_days
    return NoHoldout(
        f"only {len(last_days.users)} users took up something new in the last {settings.holdout_days:g} days, and "
        f"HOLDOUT_MIN_USERS asks for {least}"
    )


def held_out_after(events: Events, cut: int, cut_by: CutBy, most_users: int) -> Holdout:
    """Hold out what came after a cut, in seconds since 1970 UTC, for a sample of the users who did something new."""
    is_known = _known_users(events, cut)
    pairs = _pairs_after(events, cut)
    users = np.unique(pairs // len(events.products))
    known = users[is_known[users]]
    fresh = pairs[is_known[pairs // len(events.products)] & ~_had_before(events, cut, pairs)]
    with_truth = np.unique(fresh // len(events.products))
    asked = _sample(with_truth, most_users)
    fresh = fresh[np.isin(fresh // len(events.products), asked)]
    sizes = np.bincount(np.searchsorted(asked, fresh // len(events.products)), minlength=len(asked))
    return Holdout(
        cut=cut,
        cut_by=cut_by,
        users=asked.astype(np.int32),
        indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        items=(fresh % len(events.products)).astype(np.int32),
        n_left_out=len(known) - len(with_truth),
        n_new_users=len(users) - len(known),
        n_sampled_from=len(with_truth),
    )


def _known_users(events: Events, cut: int) -> Bools:
    """Tell which users had an event up to the cut, bool (n_users,)."""
    is_known = np.zeros(len(events.users), np.bool_)
    for block in _blocks(events):
        is_known[events.user_idx[block][events.occurred_at[block] <= cut]] = True
    return is_known


def _pairs_after(events: Events, cut: int) -> Pairs:
    """Give the distinct pairs of the events after the cut, as user * n_products + item, rising."""
    late = np.flatnonzero(events.occurred_at > cut)
    return np.unique(events.user_idx[late] * np.int64(len(events.products)) + events.item_idx[late])


def _had_before(events: Events, cut: int, pairs: Pairs) -> Bools:
    """Tell which of these pairs have an event up to the cut too, bool (n_pairs,)."""
    had = np.zeros(len(pairs), np.bool_)
    if not len(pairs):
        return had
    for block in _blocks(events):
        early = events.occurred_at[block] <= cut
        before = events.user_idx[block][early] * np.int64(len(events.products)) + events.item_idx[block][early]
        places = np.minimum(np.searchsorted(pairs, before), len(pairs) - 1)
        had[places[pairs[places] == before]] = True
    return had


def _blocks(events: Events) -> list[slice]:
    return [slice(begin, begin + _BLOCK) for begin in range(0, len(events), _BLOCK)]


def _sample(users: Pairs, most: int) -> Pairs:
    """Draw users, the same for the same users; all where there are no more than asked for."""
    if len(users) <= most:
        return users
    return np.sort(np.random.default_rng(_SEED).choice(users, most, replace=False))
