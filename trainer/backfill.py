"""Training on what was known at an earlier time."""

from datetime import datetime

from runtime.errors import BadDataError
from trainer.events import Events


def known_at(as_of: datetime | None, events: Events) -> Events:
    """Give the events that had occurred by a time, all where none is given. Raises BadDataError where none had."""
    if as_of is None:
        return events
    known = events.where(events.occurred_at <= as_of.timestamp())
    if not len(known):
        raise BadDataError(
            f"no event had occurred by {as_of:%Y-%m-%d %H:%M} UTC", hint="Choose a later time for --as-of"
        )
    return known
