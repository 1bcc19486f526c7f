"""Prometheus metrics of the monitor's last report, which the store holds.

Not by a Pushgateway: that would be one more part to run, and would go on telling of a monitor that died long ago. Here
the age of the report is told beside it, and every replica is scraped as it is.
"""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from registry.foreign import number
from registry.history import read_health
from registry.objects import ObjectStore

log = logging.getLogger(__name__)

STATUSES: Final = ("HEALTHY", "DEGRADED", "UNHEALTHY")
VERDICTS: Final = ("ok", "warn", "fail")
# A report is an hour old on average; whoever scrapes asks twice a minute.
_READ_EVERY_SECONDS: Final = 15.0
# What anybody may have written there must not become series without end.
_MOST_CHECKS: Final = 100
_CHECK: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")


class HealthFigures(Collector):
    """What health.json said when it was last looked at; nothing until there is a report."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._report: Mapping[str, Any] = {}
        self._due_at = 0.0

    def look(self) -> None:
        """Read the report, where that is a while ago; what was read stays while the store is away. Raises nothing."""
        if time.monotonic() < self._due_at:
            return
        self._due_at = time.monotonic() + _READ_EVERY_SECONDS
        try:
            self._report = read_health(self._store) or {}
        except Exception as error:  # noqa: BLE001 (whatever happens, models are followed)
            log.debug("The monitor's report was not read: %s", error)

    def collect(self) -> Iterator[Metric]:
        """Give the metrics."""
        report = self._report
        if report.get("status") in STATUSES:
            yield _one_of("recommender_health_status", "1 for the monitor's last status.", report["status"], STATUSES)
        moment = _seconds(report.get("checked_at"))
        if moment is not None:
            yield GaugeMetricFamily(
                "recommender_monitor_last_report_timestamp_seconds", "When the monitor looked last.", value=moment
            )
        yield from _checks(_entries(report.get("checks")))


def _checks(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[Metric]:
    verdict = GaugeMetricFamily("recommender_health_check", "1 for a check's verdict.", labels=["check", "verdict"])
    value = GaugeMetricFamily("recommender_health_check_value", "What a check measured.", labels=["check"])
    threshold = GaugeMetricFamily("recommender_health_check_threshold", "What it is held against.", labels=["check"])
    for name, entry in entries.items():
        for one in VERDICTS:
            verdict.add_metric([name, one], float(entry["verdict"] == one))
        for family, told in ((value, entry.get("value")), (threshold, entry.get("threshold"))):
            measured = number(told)
            if measured is not None:
                family.add_metric([name], measured)
    yield from (verdict, value, threshold)


def _one_of(name: str, text: str, found: str, possible: tuple[str, ...]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["status"])
    for one in possible:
        family.add_metric([one], float(one == found))
    return family


def _entries(checks: object) -> dict[str, Mapping[str, Any]]:
    """Give the checks by name; what is none is left out, and so are those beyond the bound."""
    listed = checks[:_MOST_CHECKS] if isinstance(checks, list) else []
    return {entry["check"]: entry for entry in listed if isinstance(entry, dict) and _is_check(entry)}


def _is_check(entry: Mapping[str, Any]) -> bool:
    name = entry.get("check")
    return isinstance(name, str) and _CHECK.fullmatch(name) is not None and entry.get("verdict") in VERDICTS


def _seconds(moment: object) -> float | None:
    try:
        return datetime.fromisoformat(moment).timestamp()  # type: ignore[arg-type]  # what is no text raises
    except (TypeError, ValueError, OverflowError):
        return None
