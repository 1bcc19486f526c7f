"""The cut: neither side has seen anything behind it.

It is the time of the champion's newest event where enough users did something new since then: the champion is then
compared as it is served. Otherwise it is the beginning of the last few days, and the champion's recipe is tried in its
place, rebuilt on the events before the cut. So is that of a champion that was published without histories.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from model.ids import Ids
from trainer.champion import Champion
from trainer.evaluation.settings import EvaluationSettings
from trainer.events import Events

_DAY_SECONDS: Final = 86_400


class CutBy(StrEnum):
    """What the cut was made by: the champion's newest event, or a window before the newest event there is."""

    CHAMPION = "champion"
    WINDOW = "window"


@dataclass(frozen=True)
class Cut:
    """Where the holdout begins, in seconds since 1970 UTC: events up to it are known.

    `served_users` are those whom the champion knows that is compared as it is served, None where it is not.
    """

    seconds: int
    by: CutBy
    served_users: Ids | None = None

    @property
    def time(self) -> datetime:
        """The last moment that is known, in UTC."""
        return datetime.fromtimestamp(self.seconds, UTC)


def cuts(events: Events, champion: Champion | None, settings: EvaluationSettings) -> Iterator[Cut]:
    """Give the cuts to try in turn: the champion's newest event, where its model has users, then the last few days."""
    if champion is not None and champion.manifest.data_until is not None and champion.model.keeps_histories:
        yield Cut(int(champion.manifest.data_until.timestamp()), CutBy.CHAMPION, champion.model.users)
    yield Cut(int(events.occurred_at.max()) - round(settings.holdout_days * _DAY_SECONDS), CutBy.WINDOW)
