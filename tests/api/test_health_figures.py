"""The monitor's last report as metrics."""

from pathlib import Path

import pytest

from api.health_figures import HealthFigures
from registry.files import FileStore
from registry.history import HEALTH_KEY, write_health
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.builders import publish

REPORT = {
    "status": "DEGRADED",
    "checked_at": "2025-01-05T02:00:00+00:00",
    "checks": [
        {"check": "model_age", "verdict": "warn", "value": 8.5, "threshold": 7.0, "message": "Old model"},
        {"check": "pointer", "verdict": "ok", "value": None, "threshold": None, "message": "It can be read"},
    ],
}


def samples(store: FileStore) -> dict[str, float]:
    figures = HealthFigures(store)
    figures.look()
    found = [sample for metric in figures.collect() for sample in metric.samples]
    return {"/".join([one.name.removeprefix("recommender_"), *one.labels.values()]): one.value for one in found}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "store")


def test_metrics_tell_the_report(serve: Serve, registry: Registry) -> None:
    publish(registry)
    write_health(registry.store, REPORT)
    server = serve().until_ready()
    assert server.metric('recommender_health_status{status="DEGRADED"}') == 1
    assert server.metric('recommender_health_check{check="model_age",verdict="warn"}') == 1
    assert server.metric('recommender_health_check_value{check="model_age"}') == 8.5


def test_each_check_has_one_verdict_and_what_it_measured(store: FileStore) -> None:
    write_health(store, REPORT)
    assert samples(store) == {
        "health_status/HEALTHY": 0,
        "health_status/DEGRADED": 1,
        "health_status/UNHEALTHY": 0,
        "monitor_last_report_timestamp_seconds": 1736042400,
        "health_check/model_age/ok": 0,
        "health_check/model_age/warn": 1,
        "health_check/model_age/fail": 0,
        "health_check/pointer/ok": 1,
        "health_check/pointer/warn": 0,
        "health_check/pointer/fail": 0,
        "health_check_value/model_age": 8.5,
        "health_check_threshold/model_age": 7,
    }


def test_nothing_is_said_before_there_is_a_report(store: FileStore) -> None:
    assert samples(store) == {}


def test_what_was_read_stays_while_the_store_is_away(store: FileStore, tmp_path: Path) -> None:
    write_health(store, REPORT)
    figures = HealthFigures(store)
    figures.look()
    (tmp_path / "store").rename(tmp_path / "away")
    (tmp_path / "store").write_text("a file where the store's folder should be")
    figures._due_at = 0.0
    figures.look()
    assert len([sample for metric in figures.collect() for sample in metric.samples]) == 12


def test_store_is_not_asked_at_every_poll(store: FileStore) -> None:
    figures = HealthFigures(store)
    figures.look()
    write_health(store, REPORT)
    figures.look()
    assert not [sample for metric in figures.collect() for sample in metric.samples]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"status": ["HEALTHY"], "checked_at": 3, "checks": {"check": "x"}}',
        b'{"checked_at": "9999999-01-01", "checks": [3, {}, {"check": 3, "verdict": "ok"}, {"check": "a"}]}',
        b'{"checks": [{"check": "A b", "verdict": "ok"}, {"check": "a", "verdict": "fine"}]}',
        b'{"checks": [{"check": "b", "verdict": []}]}',
    ],
)
def test_report_of_anybody_makes_no_series(store: FileStore, body: bytes) -> None:
    store.put(HEALTH_KEY, body)
    assert samples(store) == {}


def test_values_that_are_no_numbers_are_left_out(store: FileStore) -> None:
    values = [True, "1", [], 10**400, float("nan")]
    checks = [{"check": f"c{place}", "verdict": "ok", "value": value} for place, value in enumerate(values)]
    write_health(store, {"checks": checks})
    assert not [name for name in samples(store) if name.startswith("health_check_value")]


def test_series_are_bounded(store: FileStore) -> None:
    write_health(store, {"checks": [{"check": f"c{place}", "verdict": "ok"} for place in range(5_000)]})
    assert len(samples(store)) == 300
