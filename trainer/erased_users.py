"""Leaving out who asked to be forgotten, before anything is made of the events."""

import logging
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids
from registry.erasures import ErasedUsers
from runtime.errors import BadDataError
from trainer.events import Events

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeftOut:
    """Who was to be left out, and how many of these users there were among the events, with how many events."""

    erased: ErasedUsers = field(default_factory=ErasedUsers)
    n_users: int = 0
    n_events: int = 0

    @property
    def figures(self) -> dict[str, float]:
        """What a manifest says of it."""
        return {"erasures": len(self.erased), "erased_users": self.n_users, "erased_events": self.n_events}


def without_erased(events: Events, erased: ErasedUsers) -> tuple[Events, LeftOut]:
    """Leave the events of erased users out, and their ids. Raises BadDataError where there are no others."""
    is_erased = _are_erased(events.users, erased)
    if not is_erased.any():
        return events, LeftOut(erased)
    keep = events.each(lambda block: ~is_erased[events.user_idx[block]])
    kept = events.where(keep).without_unused_ids()
    if not len(kept):
        raise BadDataError("all events are of users who were erased", hint="Was the whole shop to be forgotten?")
    left_out = LeftOut(erased, int(is_erased.sum()), len(events) - len(kept))
    extra = {"erased_users": left_out.n_users, "erased_events": left_out.n_events}
    log.info("Left out %s erased users with %s events", *(f"{number:,}" for number in extra.values()), extra=extra)
    return kept, left_out


def _are_erased(users: Ids, erased: ErasedUsers) -> NDArray[np.bool_]:
    """Tell of each user, bool (n_users,). Ids lead to digests and not back, so that every user is tried."""
    if not len(erased):
        return np.zeros(len(users), np.bool_)
    return np.fromiter((users.at(idx) in erased for idx in range(len(users))), np.bool_, len(users))
