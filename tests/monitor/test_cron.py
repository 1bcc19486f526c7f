"""Cron lines are read as Kubernetes reads them."""

from datetime import UTC, datetime

import pytest

from monitor.cron import BadCronLineError, CronLine

SUNDAY = datetime(2025, 1, 5, tzinfo=UTC)
WEEK_LATER = datetime(2025, 1, 12, tzinfo=UTC)


def times(line: str, zone: str | None = None) -> list[str]:
    """Give the times of a week, oldest first."""
    return [f"{one:%d %H:%M}" for one in reversed(list(CronLine.of(line, zone).times(SUNDAY, WEEK_LATER)))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 2 * * 0", ["05 02:00"]),
        ("0 2 * * *", [f"{day:02} 02:00" for day in range(5, 12)]),
        ("30 4 6,8 * *", ["06 04:30", "08 04:30"]),
        ("0 0 10-12 1 *", ["10 00:00", "11 00:00", "12 00:00"]),
        ("0 12 1 * mon-tue", ["06 12:00", "07 12:00"]),
        ("0 12 9 * MON", ["06 12:00", "09 12:00"]),
        ("0 12 */2 * MON", []),
        ("0 12 * feb *", []),
        ("@weekly", ["12 00:00"]),
    ],
)
def test_times_of_a_week(line: str, expected: list[str]) -> None:
    assert times(line) == expected


def test_steps_divide_the_day() -> None:
    assert len(times("0 */6 * * *")) == 7 * 4
    assert times("0-30/15 3 5 * *") == ["05 03:00", "05 03:15", "05 03:30"]
    assert times("50/5 3 5 * *") == ["05 03:50", "05 03:55"]
    assert times("0 3 * * 1/2") == ["06 03:00", "08 03:00", "10 03:00"]
    assert times("7-7/4 3 5 * *") == ["05 03:07"]


def test_times_are_those_of_the_zone() -> None:
    assert times("0 2 6 * *", "Europe/Paris") == ["06 01:00"]
    assert times("0 2 6 * *", "Asia/Ho_Chi_Minh") == ["05 19:00"]


@pytest.mark.parametrize("line", ["", "daily", "0 2 * *", "60 2 * * *", "0 2 L * *", "0 2 * * 1-", "*/0 * * * *"])
def test_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(BadCronLineError):
        CronLine.of(line)
    with pytest.raises(BadCronLineError):
        CronLine.of("0 2 * * *", "Mars/Olympus")
