"""How often to train follows from the shop's size, in the report for people and in the one for machines."""

import pytest

from monitor.schedule import Schedule, suggested_schedule
from registry.registry import Registry
from tests.builders import publish
from tests.monitor.conftest import Command, a_shop

WEEKLY, DAILY = Schedule("weekly", "0 2 * * 0"), Schedule("daily", "0 2 * * *")
SIX_HOURLY = Schedule("six-hourly", "0 */6 * * *")


@pytest.mark.parametrize(
    ("n_users", "schedule"),
    [(0, WEEKLY), (999, WEEKLY), (1_000, DAILY), (10_000, DAILY), (10_001, SIX_HOURLY)],
)
def test_larger_shops_train_more_often(n_users: int, schedule: Schedule) -> None:
    assert suggested_schedule(n_users) == schedule


def test_report_suggests_a_schedule(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    assert "Suggested schedule  weekly (0 2 * * 0)" in monitor("--action", "health").out.splitlines()
    report = monitor("--action", "health", "--format", "json").report
    assert report["suggested_schedule"] == {"preset": "weekly", "cron": "0 2 * * 0"}


def test_nothing_is_suggested_for_a_shop_of_unknown_size(monitor: Command) -> None:
    assert "Suggested" not in monitor("--action", "health").out
    assert monitor("--action", "health", "--format", "json").report["suggested_schedule"] is None
