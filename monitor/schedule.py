"""How often a shop of a given size should train."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Schedule:
    """A preset of the chart's value trainer.schedule, and the cron line that it stands for."""

    preset: str
    cron: str


_BY_MOST_USERS: Final = ((999, Schedule("weekly", "0 2 * * 0")), (10_000, Schedule("daily", "0 2 * * *")))
_OF_LARGE_SHOPS: Final = Schedule("six-hourly", "0 */6 * * *")


def suggested_schedule(n_users: int) -> Schedule:
    """Give the schedule that suits so many users: the more there are, the sooner their events outdate a model."""
    return next((schedule for most, schedule in _BY_MOST_USERS if n_users <= most), _OF_LARGE_SHOPS)
