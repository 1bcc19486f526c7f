"""Rules on what the shop's tables still know of what the champion learned from them: events come, and seldom go."""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.model import Model
from model.translation import translated
from registry.erasures import ErasedUsers
from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged

_USERS: Final = 300
_SEED: Final = 20250105


def newest_event_not_before_the_champions(case: Case, most_days: float) -> Finding | NotJudged:
    """Whether the newest event is not older, by so many days, than the newest that the champion knew."""
    if case.champion is None:
        return NotJudged(case.why_no_champion)
    before, now = case.champion.manifest.data_until, case.data.until
    if before is None or now is None:
        return NotJudged("No event has a time.")
    days = max(0.0, (before - now) / timedelta(days=1))
    told = f"The newest event is of {now:%Y-%m-%d %H:%M} UTC, the champion's of {before:%Y-%m-%d %H:%M} UTC"
    return Finding(days, days <= most_days, f"{told}; {most_days:g} days less are allowed.")


def interactions_remembered(case: Case, most_forgotten: float) -> Finding | NotJudged:
    """Whether at most this share of the champion's pairs of user and product is gone from the events."""
    if case.champion is None:
        return NotJudged(case.why_no_champion)
    if not case.champion.model.keeps_histories:
        return NotJudged("The model in service was published without histories (KEEP_HISTORIES).")
    forgotten = forgotten_share(case.champion.model, case.model, case.erased)
    told = f"{forgotten:.1%} of the champion's pairs of user and product are gone from the events"
    return Finding(forgotten, forgotten <= most_forgotten, f"{told}; {most_forgotten:.0%} are allowed.")


def forgotten_share(champion: Model, candidate: Model, erased: ErasedUsers) -> float:
    """Give the share of the champion's interactions that the candidate does not have, among 300 of its users.

    Of erased users it must have none, and these are not counted.
    """
    drawn = _sample(champion.histories.n_users)
    users = drawn[[champion.users.at(user) not in erased for user in drawn.tolist()]]
    if not len(users):
        return 0.0
    items = [champion.histories.of(user)[0] for user in users.tolist()]
    kept = translated(np.concatenate(items), champion.products, candidate.products)
    owners = np.repeat(translated(users, champion.users, candidate.users), [len(one) for one in items])
    return float(np.mean(~_have(candidate, owners, kept))) if len(kept) else 0.0


def _sample(n_users: int) -> NDArray[np.int32]:
    drawn = np.random.default_rng(_SEED).choice(n_users, min(_USERS, n_users), replace=False)
    return np.sort(drawn).astype(np.int32)


def _have(model: Model, users: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell of which (user, item) the model has an interaction; unknown ones are none."""
    have = np.zeros(len(users), np.bool_)
    for user in np.unique(users[users >= 0]).tolist():
        own = users == user
        have[own] = np.isin(items[own], model.histories.of(user)[0])
    return have
