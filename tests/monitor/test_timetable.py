"""Runs that the CronJob should have started, and did not, are counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cluster.cronjob import CronJobState
from monitor.timetable import Timetable, timetable_of

NOW = datetime(2025, 1, 5, 12, tzinfo=UTC)
DAILY = CronJobState(
    name="trainer",
    schedule="0 2 * * *",
    time_zone="Etc/UTC",
    is_suspended=False,
    starts_within=timedelta(hours=1),
    created_at=NOW - timedelta(days=30),
    last_scheduled_at=NOW.replace(hour=2),
    n_active=0,
)


def missed(cronjob: CronJobState, at: datetime = NOW) -> int | None:
    return timetable_of(cronjob, at).n_missed


def test_cronjob_that_started_its_last_run_missed_none() -> None:
    assert timetable_of(DAILY, NOW) == Timetable("trainer", "0 2 * * *", n_missed=0)


@pytest.mark.parametrize(("days", "n_missed"), [(1, 1), (2, 2), (500, 100)])
def test_each_time_that_passed_without_a_run_counts(days: int, n_missed: int) -> None:
    assert missed(replace(DAILY, last_scheduled_at=NOW.replace(hour=2) - timedelta(days=days))) == n_missed


def test_run_may_be_late_by_as_much_as_the_cronjob_allows() -> None:
    yesterday = replace(DAILY, last_scheduled_at=NOW.replace(hour=2) - timedelta(days=1))
    assert missed(yesterday, NOW.replace(hour=2, minute=59)) == 0
    assert missed(yesterday, NOW.replace(hour=3)) == 1
    without = replace(yesterday, starts_within=None)
    assert missed(without, NOW.replace(hour=2, minute=4)) == 0
    assert missed(without, NOW.replace(hour=2, minute=6)) == 1


def test_new_cronjob_missed_nothing_before_it_was_there() -> None:
    new = replace(DAILY, last_scheduled_at=None, created_at=NOW - timedelta(hours=3))
    assert missed(new) == 0
    assert missed(replace(new, created_at=NOW - timedelta(days=2))) == 2


def test_run_under_way_holds_up_the_next_one_and_nothing_is_missed() -> None:
    assert missed(replace(DAILY, last_scheduled_at=NOW - timedelta(days=3), n_active=1)) == 0


def test_schedule_that_cannot_be_read_is_not_judged() -> None:
    assert missed(replace(DAILY, schedule="0 2 L * *")) is None
