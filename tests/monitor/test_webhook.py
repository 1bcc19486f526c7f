"""A webhook is told when the model's state changes, and only then: a real server takes it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from registry.history import Outcome, Run, append_run
from registry.registry import Registry
from tests.builders import publish
from tests.monitor.conftest import Command, a_shop
from tests.monitor.receiver import Receiver, receiving

AS_JSON = ("--action", "health", "--format", "json")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Give the receiver of the monitor's webhook."""
    with receiving() as receiver:
        monkeypatch.setenv("MONITOR_WEBHOOK_URL", receiver.url + "\n")
        monkeypatch.setenv("MONITOR_WEBHOOK_FORMAT", "generic")
        yield receiver


def end_a_run(registry: Registry, outcome: Outcome, reason: str | None = None) -> None:
    append_run(registry.store, Run(timestamp=datetime.now(UTC), outcome=outcome, duration_seconds=1.5, reason=reason))


def result(report: dict[str, list[dict[str, str]]], check: str) -> dict[str, str]:
    return next(one for one in report["checks"] if one["check"] == check)


def test_model_that_is_well_from_the_beginning_is_no_news(
    monitor: Command, registry: Registry, receiver: Receiver
) -> None:
    publish(registry, a_shop())
    assert monitor(*AS_JSON).report["status"] == "HEALTHY"
    assert receiver.bodies == []


def test_each_change_is_told_once(monitor: Command, registry: Registry, receiver: Receiver) -> None:
    version = publish(registry, a_shop())
    end_a_run(registry, Outcome.FAILED, "the database is down")
    for _ in range(3):
        ended = monitor(*AS_JSON)
        assert (ended.exit_code, ended.err) == (0, "")
    (told,) = receiver.bodies
    assert receiver.paths == ["/services/T0/secret"]
    assert (told["event"], told["status"], told["status_before"]) == ("health_changed", "DEGRADED", "HEALTHY")
    assert (told["model_version"], told["recovered"]) == (version, [])
    (check,) = told["checks"]
    assert (check["check"], check["verdict"], check["runbook"]) == ("last_run", "warn", "docs/runbooks/last_run.md")
    assert "the database is down" in check["message"]
    end_a_run(registry, Outcome.PROMOTED)
    monitor(*AS_JSON)
    assert (receiver.bodies[1]["status"], receiver.bodies[1]["recovered"]) == ("HEALTHY", ["last_run"])
    monitor(*AS_JSON)
    assert len(receiver.bodies) == 2


def test_another_check_is_a_change_though_the_status_stays(
    monitor: Command, registry: Registry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(registry, a_shop())
    end_a_run(registry, Outcome.FAILED)
    monitor(*AS_JSON)
    monkeypatch.setenv("MAX_SPARSITY", "0.5")
    monitor(*AS_JSON)
    assert [body["status_before"] for body in receiver.bodies] == ["HEALTHY", "DEGRADED"]
    assert [check["check"] for check in receiver.bodies[1]["checks"]] == ["sparsity", "last_run"]


def test_slack_gets_a_text(
    monitor: Command, registry: Registry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_WEBHOOK_FORMAT", "slack")
    monkeypatch.setenv("RUNBOOK_URL", "https://wiki.shop.example/runbooks/")
    version = publish(registry, a_shop())
    end_a_run(registry, Outcome.FAILED, "<!channel> & more")
    monitor(*AS_JSON)
    end_a_run(registry, Outcome.PROMOTED)
    monitor(*AS_JSON)
    assert [list(body) for body in receiver.bodies] == [["text"], ["text"]]
    first, second = (body["text"].splitlines() for body in receiver.bodies)
    assert first[0].startswith(f"*Recommender: DEGRADED* (it was HEALTHY), model {version} in file:///")
    assert first[1].startswith(":warning: last_run: The last run failed: &lt;!channel&gt; &amp; more. Look")
    assert first[1].endswith("(https://wiki.shop.example/runbooks/last_run.md)")
    assert second[1] == ":white_check_mark: last_run is in order again"


@pytest.mark.parametrize("answers", [500, 404, 302])
def test_change_that_was_not_taken_is_a_warning_and_told_at_the_next_look(
    monitor: Command, registry: Registry, receiver: Receiver, caplog: pytest.LogCaptureFixture, answers: int
) -> None:
    publish(registry, a_shop())
    end_a_run(registry, Outcome.FAILED)
    receiver.answers = answers
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, ended.checks("warnings")) == (0, ["last_run", "webhook"])
    assert f"the webhook at 127.0.0.1 answers {answers}" in result(ended.report, "webhook")["message"]
    assert "secret" not in ended.out + caplog.text
    receiver.answers = 204
    again = monitor(*AS_JSON)
    assert again.checks("warnings") == ["last_run"]
    assert [body["status"] for body in receiver.bodies] == ["DEGRADED", "DEGRADED"]
    assert set(receiver.paths) == {"/services/T0/secret"}


def test_receiver_that_is_away_fails_no_look(
    monitor: Command, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(registry, a_shop(n_users=49))
    monkeypatch.setenv("MONITOR_WEBHOOK_URL", "http://127.0.0.1:9/secret")
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, ended.report["status"]) == (1, "UNHEALTHY")
    assert "the webhook at 127.0.0.1 does not answer" in result(ended.report, "webhook")["message"]
    assert "secret" not in ended.out


@pytest.mark.parametrize("told", ['{"webhook": 3}', "[]", '{"webhook": {"status": "FINE", "unwell": {}}}'])
def test_health_json_of_anybody_is_no_obstacle(
    monitor: Command, registry: Registry, receiver: Receiver, told: str
) -> None:
    publish(registry, a_shop())
    end_a_run(registry, Outcome.FAILED)
    registry.store.put("health.json", f'{{"told": {told}}}'.encode())
    monitor(*AS_JSON)
    assert [body["status"] for body in receiver.bodies] == ["DEGRADED"]


def test_address_that_is_none_is_one_line_that_does_not_show_it(
    monitor: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MONITOR_WEBHOOK_URL", "hooks.slack.com/secret")
    assert monitor(*AS_JSON).exit_code == 64
    (line,) = caplog.messages
    assert line == "wrong settings: MONITOR_WEBHOOK_URL: must be http://… or https://…"
