"""Figures of a run's events by which a broken export or a flood of bots shows."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import numpy as np

from trainer.arrays.counts import counts_of
from trainer.events import Events

BUSIEST_SHARE_OF_USERS: Final = 0.001


@dataclass(frozen=True)
class EventFigures:
    """The number of events by kind, when the newest occurred, and two shares of all events, from 0 to 1.

    busiest_users_share: events of the busiest 0.1 % of the users, of at least one. commonest_second_share: events that
    bear the one second which most of them bear.
    """

    counts: dict[str, int]
    until: datetime | None
    busiest_users_share: float
    commonest_second_share: float

    @classmethod
    def of(cls, events: Events) -> Self:
        """Measure events, of which there must be one."""
        return cls(events.counts, events.until, _busiest_users_share(events), _commonest_second_share(events))

    @property
    def shares(self) -> dict[str, float]:
        """The two shares by name, as a manifest and the history hold them."""
        return {
            "busiest_users_share": round(self.busiest_users_share, 6),
            "commonest_second_share": round(self.commonest_second_share, 6),
        }


def _busiest_users_share(events: Events) -> float:
    counts = counts_of(events.user_idx, len(events.users))
    n_busiest = math.ceil(BUSIEST_SHARE_OF_USERS * len(counts))
    return float(np.partition(counts, -n_busiest)[-n_busiest:].sum() / len(events))


def _commonest_second_share(events: Events) -> float:
    from trainer.kernel.sums import longest_run  # noqa: PLC0415 (Numba takes 0.3 s to import)

    seconds = events.scratch.empty(len(events), np.uint32)
    seconds[:] = events.occurred_at
    seconds.sort()
    return longest_run(seconds) / len(events)
