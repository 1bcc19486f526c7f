"""What variants are compared on: the newest weeks of the shop's own log, or, where times tell nothing, a part of it.

The cut is the last holdout_days, or twice that, and so on, until very many users did something new since, or a tenth of
the log is held out: what is looked for are small differences.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trainer.choosing.chance import chances
from trainer.evaluation.cut import Cut, CutBy
from trainer.evaluation.holdout import hold_out
from trainer.evaluation.settings import EvaluationSettings
from trainer.evaluation.truth import Truth
from trainer.events import Events

_DAY_SECONDS: Final = 86_400
_USERS: Final = 5_000
# No more than this share of the log is held out, and where that leaves few users no more than that.
_SHARE, _LARGEST_SHARE = 0.1, 0.25
_FEW_USERS: Final = 500
_TIMES: Final = 1_000_000
_DRAWN_SHARE: Final = 0.2
_EARLY, _LATE = 1, 2


@dataclass(frozen=True)
class Question:
    """Events, where they are cut, and what users took up behind it; `by_time` is false where a part was drawn."""

    events: Events
    cut: Cut
    truth: Truth
    by_time: bool

    @property
    def n_users(self) -> int:
        """How many users are asked."""
        return len(self.truth.users)


def find_question(events: Events, settings: EvaluationSettings) -> Question | None:
    """Hold out as many of the newest days as it takes; None where no part of the log leaves enough users."""
    asking = settings.model_copy(update={"holdout_users": _USERS})
    for cut in _cuts(events, settings.holdout_days):
        found = _asked(events, cut, asking, by_time=True)
        if found.n_users >= _USERS:
            return found
    if found.n_users < _FEW_USERS:
        found = _asked(events, _newest(events, _LARGEST_SHARE), asking, by_time=True)
    if found.n_users < settings.holdout_min_users:
        found = _asked(_drawn(events), Cut(_EARLY, CutBy.WINDOW), asking, by_time=False)
    return found if found.n_users >= settings.holdout_min_users else None


def _cuts(events: Events, days: float) -> Iterator[Cut]:
    """Give windows that double, as long as nine tenths of the events lie before them; one in any case."""
    newest, earliest = int(events.occurred_at.max()), _newest(events, _SHARE)
    latest = newest - round(days * _DAY_SECONDS)
    yield Cut(max(latest, earliest.seconds), CutBy.WINDOW)
    while (latest := newest - 2 * (newest - latest)) >= earliest.seconds:
        yield Cut(latest, CutBy.WINDOW)


def _newest(events: Events, share: float) -> Cut:
    """Cut off so many of the events, about."""
    times = events.occurred_at[:: len(events) // _TIMES + 1]
    return Cut(int(np.quantile(times, 1 - share)), CutBy.WINDOW)


def _asked(events: Events, cut: Cut, settings: EvaluationSettings, *, by_time: bool) -> Question:
    return Question(events, cut, Truth.of(hold_out(events, cut, settings), len(events.products)), by_time)


def _drawn(events: Events) -> Events:
    """Give the events as if a fifth of the pairs of user and product, drawn by chance, had come after the others."""
    occurred_at = events.scratch.empty(len(events), np.uint32)
    for block in events.blocks():
        pairs = events.user_idx[block] * np.int64(len(events.products)) + events.item_idx[block]
        occurred_at[block] = np.where(chances(pairs) < _DRAWN_SHARE, _LATE, _EARLY)
    return replace(events, occurred_at=occurred_at)
