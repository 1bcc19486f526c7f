"""Rules on the events themselves: a flood of bots, a stalled export, times that tell nothing."""

from datetime import timedelta
from typing import Final

from trainer.event_figures import BUSIEST_SHARE_OF_USERS
from trainer.gate.case import Case
from trainer.gate.ruling import Finding, NotJudged

# Where no earlier run tells what is usual: one user in a shop of fifty may well have a fifth of its events.
_FIRST_BUSIEST_SHARE: Final = 0.25


def few_events_from_the_busiest(case: Case, most_more: float) -> Finding | NotJudged:
    """Whether the share of events of the busiest 0.1 % of users is not far above what is usual."""
    share, usual = case.data.busiest_users_share, case.usual.of(lambda run: run.data.get("busiest_users_share"))
    limit = (_FIRST_BUSIEST_SHARE if usual is None else usual) + most_more
    told = f"The busiest {BUSIEST_SHARE_OF_USERS:.1%} of the users have {share:.1%} of the events"
    against = "" if usual is None else f"; usual is {usual:.1%} ({case.usual})"
    return Finding(share, share <= limit, f"{told}{against}; {limit:.1%} is allowed.")


def events_are_recent(case: Case, most_days: float) -> Finding | NotJudged:
    """Whether the newest event is not older than so many days: an export may have stalled."""
    if case.data.until is None:
        return NotJudged("No event has a time.")
    days = max(0.0, (case.at - case.data.until) / timedelta(days=1))
    told = f"The newest event is {days:,.1f} days old ({case.data.until:%Y-%m-%d %H:%M} UTC)"
    return Finding(days, days <= most_days, f"{told}; {most_days:g} days are allowed.")


def times_differ(case: Case, largest_share: float) -> Finding | NotJudged:
    """Whether no single second bears more than this share of all events."""
    share = case.data.commonest_second_share
    told = f"{share:.1%} of the events bear the same second; {largest_share:.0%} is allowed."
    return Finding(share, share <= largest_share, told)
