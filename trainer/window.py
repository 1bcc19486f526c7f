"""WINDOW_DAYS: what is too old to tell anything."""

import logging
from typing import Final

from trainer.events import Events

_DAY_SECONDS: Final = 86_400

log = logging.getLogger(__name__)


def within_window(events: Events, window_days: float | None) -> Events:
    """Give the events of the last days that there are; all where no window is set."""
    if window_days is None or not len(events):
        return events
    oldest = int(events.occurred_at.max()) - window_days * _DAY_SECONDS
    kept = events.where(events.occurred_at >= oldest)
    log.info("Kept %s events of the last %g days", f"{len(kept):,}", window_days, extra={"events_kept": len(kept)})
    return kept
