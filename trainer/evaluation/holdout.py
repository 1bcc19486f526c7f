"""The holdout: what users who are known at the cut took up after it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.translation import UNKNOWN, translated
from trainer.evaluation.cut import Cut
from trainer.evaluation.known import Bools, Ints, had_until, have_left, n_events_until
from trainer.evaluation.settings import EvaluationSettings
from trainer.events import Events

_SEED: Final = 20250105


@dataclass(frozen=True)
class Holdout:
    """The users that are asked about, and what each took up after the cut.

    That is what they had not had before, or all of it where lists may hold what they had.

    `users` int32 (n_users,), rising; user n took up `items[indptr[n]:indptr[n + 1]]`, int32, rising. Counted: known
    users who are left out, since they did nothing new or had next to nothing left to choose; users who are new
    themselves; and how many users the sample was drawn from. `repeat_share` is how much of all that known users took up
    they had had before. `kinds` are the kinds of events that count, none where all do.
    """

    cut: Cut
    users: NDArray[np.int32]
    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    n_left_out: int
    n_new_users: int
    n_sampled_from: int
    repeat_share: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class NoHoldout:
    """Why a recipe cannot be tried."""

    why: str


def hold_out(events: Events, cut: Cut, settings: EvaluationSettings) -> Holdout:
    """Hold out what came after a cut, for a sample of the known users who did something that counts and had a choice.

    A choice is twice as many products as a list has, which may be listed: of fewer, any list has half.
    """
    n_products = len(events.products)
    pairs = _pairs_after(events, cut, settings.holdout_kinds)
    users = np.unique(pairs // n_products)
    known = users[_are_known(events, cut, users)]
    theirs = pairs[np.isin(pairs // n_products, known)]
    is_repeat = had_until(events, cut.seconds, theirs)
    taken = theirs[~is_repeat] if settings.exclude_seen else theirs
    able = np.unique(taken // n_products)
    able = able[_have_a_choice(events, cut, able, settings)]
    asked = _sample(able, settings.holdout_users)
    taken = taken[np.isin(taken // n_products, asked)]
    sizes = np.bincount(np.searchsorted(asked, taken // n_products), minlength=len(asked))
    return Holdout(
        cut=cut,
        users=asked.astype(np.int32),
        indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        items=(taken % n_products).astype(np.int32),
        n_left_out=len(known) - len(able),
        n_new_users=len(users) - len(known),
        n_sampled_from=len(able),
        repeat_share=float(is_repeat.mean()) if len(theirs) else 0.0,
        kinds=settings.holdout_kinds,
    )


def _have_a_choice(events: Events, cut: Cut, users: Ints, settings: EvaluationSettings) -> Bools:
    least = 2 * settings.evaluation_k
    if settings.exclude_seen:
        return have_left(events, cut.seconds, users, least)
    return np.full(len(users), len(events.products) >= least)


def _pairs_after(events: Events, cut: Cut, kinds: tuple[str, ...]) -> Ints:
    """Give the distinct pairs of the events of some kinds after the cut, rising; of all where no kind is named."""
    late = np.flatnonzero(events.occurred_at > cut.seconds)
    if kinds:
        counts = np.array([kind in kinds for kind in events.kinds])
        late = late[counts[events.kind[late]]]
    return np.unique(events.user_idx[late] * np.int64(len(events.products)) + events.item_idx[late])


def _are_known(events: Events, cut: Cut, users: Ints) -> Bools:
    """Tell which users had an event up to the cut, or are known to the champion that is served, bool (n_users,)."""
    are_known = n_events_until(events, cut.seconds)[users] > 0
    if cut.served_users is not None:
        others = users[~are_known].astype(np.int32)
        are_known[~are_known] = translated(others, events.users, cut.served_users) != UNKNOWN
    return are_known


def _sample(users: Ints, most: int) -> Ints:
    """Draw users, the same for the same users; all where there are no more than asked for."""
    if len(users) <= most:
        return users
    return np.sort(np.random.default_rng(_SEED).choice(users, most, replace=False))
