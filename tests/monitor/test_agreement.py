"""In a cluster: whether pointer, pin and replicas agree, and what the monitor does where they do not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cluster.lease import Lease
from model.golden import golden_answers
from monitor.agreement import Healing, Serving
from monitor.checks.judgement import Verdict
from monitor.observation import observe
from registry.layout import manifest_key
from registry.pointer import CURRENT_KEY
from registry.registry import Registry
from tests.api.live import wait_until
from tests.builders import a_connected_model, publish
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.rolling import Node, RollingRelease, Told
from tests.monitor.checks.looking import found
from tests.monitor.conftest import Command, a_shop
from tests.serving.shop import ADDRESS_OF, Shop, open_shop

AS_JSON = ("--action", "health", "--format", "json")


@pytest.fixture
def shop(
    rolling_plane: ControlPlane,
    rolling: RollingRelease,
    node: Node,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    """The shop with two models, in whose cluster the monitor is."""
    monkeypatch.setenv("CLUSTER_NAMESPACE", rolling.namespace)
    monkeypatch.setenv("KUBECONFIG", str(rolling_plane.admin))
    monkeypatch.setenv("POD_NAME", "monitor-1")
    with open_shop(rolling_plane, rolling, node, tmp_path / "var" / "store") as shop:
        monkeypatch.setenv("API_PORT", str(shop.port))
        yield shop


@pytest.fixture
def on_new(shop: Shop) -> Shop:
    """The shop with the new model in service and the old one before it."""
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    return shop


def told(shop: Shop) -> list[tuple[str, str]]:
    return [
        (event["reason"], event["message"]) for event in shop.release.events() if event["reason"] == "ServingHealed"
    ]


def issues(report: dict[str, Any]) -> dict[str, str]:
    return {finding["check"]: finding["message"] for finding in report["issues"]}


def warnings(report: dict[str, Any]) -> dict[str, str]:
    return {finding["check"]: finding["message"] for finding in report["warnings"]}


def check(report: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report["checks"] if one["check"] == name)
    return found


def test_replicas_that_serve_the_current_model_are_healthy(shop: Shop, monitor: Command) -> None:
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, ended.report["status"]) == (0, "HEALTHY"), ended.out
    serving = ended.report["serving"]
    assert set(serving["replicas"].values()) == {shop.old}
    assert (len(serving["replicas"]), serving["pinned"], serving["rolling"], serving["healed"]) == (
        2,
        shop.old,
        None,
        None,
    )
    assert f"Replicas            2 of 2 that are ready serve {shop.old}" in monitor("--action", "health").out


def test_restart_that_got_lost_is_made_up_for_and_told(shop: Shop, monitor: Command) -> None:
    shop.registry.promote(shop.new, "a rollback that died", shop.registry.pointer_state())
    ended = monitor(*AS_JSON)
    healed = f"a restart was lost, and the replicas restart with {shop.new} now"
    assert (ended.exit_code, ended.report["issues"]) == (0, [])
    assert healed in ended.report["serving"]["healed"]
    ((_, message),) = told(shop)
    assert healed in message
    assert shop.agreed_on(shop.new)
    assert shop.release.read("coordination", "lease", "trainer")["spec"]["holderIdentity"] == ""
    assert monitor(*AS_JSON).report["serving"]["healed"] is None
    assert len(told(shop)) == 1


def test_undo_is_followed_and_told(on_new: Shop, monitor: Command, rolling_plane: ControlPlane) -> None:
    on_new.undo(rolling_plane)
    on_new.release.until_rolled()
    ended = monitor("--action", "health")
    assert ended.exit_code == 0
    assert "Healed              current.json names" in ended.out
    assert f"Model version       {on_new.old}" in ended.out
    assert on_new.agreed_on(on_new.old)
    assert on_new.pointer.promoted_by == "kubectl changed the pin, seen by the monitor"
    assert len(told(on_new)) == 1


@pytest.mark.parametrize("by", ["an undo", "a lost restart"])
def test_nothing_is_healed_while_a_trainer_is_at_work(
    on_new: Shop, monitor: Command, rolling_plane: ControlPlane, by: str
) -> None:
    if by == "an undo":
        on_new.undo(rolling_plane)
    else:
        on_new.registry.promote(on_new.old, "ann", on_new.registry.pointer_state())
    pointer, pinned = on_new.pointer, on_new.release.pinned()
    with Lease(on_new.release.connection, "trainer", "trainer-7", "trainer").held():
        ended = monitor(*AS_JSON)
    assert ended.report["issues"] == []
    assert (
        "It is left to the run under way: another trainer is at work: trainer-7" in warnings(ended.report)["agreement"]
    )
    assert (on_new.pointer, on_new.release.pinned()) == (pointer, pinned)
    assert told(on_new) == []


def test_monitor_that_may_not_heal_calls_it_an_issue(
    shop: Shop, monitor: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_HEAL", "false")
    shop.registry.promote(shop.new, "ann", shop.registry.pointer_state())
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, ended.report["status"]) == (1, "UNHEALTHY")
    message = issues(ended.report)["agreement"]
    assert message.startswith(f"Current.json names {shop.new}, the replicas are pinned to {shop.old}")
    assert "MONITOR_HEAL is off. `python -m trainer rollback VERSION`" in message
    assert shop.release.pinned() == shop.old


def test_pointer_to_a_version_that_does_not_load_is_an_issue_and_left_alone(shop: Shop, monitor: Command) -> None:
    shop.registry.promote(shop.new, "ann", shop.registry.pointer_state())
    (shop.folder / "models" / shop.new / "model.safetensors").write_bytes(b"cut")
    ended = monitor(*AS_JSON)
    assert set(issues(ended.report)) == {"model", "agreement"}
    assert "and current.json names no version that loads. " in issues(ended.report)["agreement"]
    assert shop.release.pinned() == shop.old


def test_replicas_of_both_versions_are_as_it_should_be_while_they_roll(shop: Shop, monitor: Command) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["new"], starts_within_seconds=60))
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    deployment = shop.replicas.deployment
    wait_until(lambda: deployment.status().is_seen and deployment.status().present == 3)
    ended = monitor(*AS_JSON)
    assert (ended.report["status"], ended.exit_code) == ("HEALTHY", 0), ended.out
    assert ended.report["serving"]["rolling"] == "1 of 2 replicas are new, 2 of 3 available"


def test_replica_that_serves_another_model_is_an_issue(shop: Shop, monitor: Command) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["old"]))
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    ended = monitor(*AS_JSON)
    assert ended.exit_code == 1
    assert f" serves {shop.old}, and should serve {shop.new}" in issues(ended.report)["replicas"]


@pytest.mark.parametrize(("seconds", "checks"), [(0, set()), (150, {"replicas"})])
def test_replica_that_is_not_ready_long_after_its_rollout_is_a_warning(
    shop: Shop, monitor: Command, seconds: float, checks: set[str]
) -> None:
    shop.node.run(shop.old, Told(ADDRESS_OF["old"], is_ready=False, is_so_for_seconds=seconds))
    wait_until(lambda: shop.replicas.deployment.status().available == 0)
    ended = monitor(*AS_JSON)
    assert set(warnings(ended.report)) == checks, ended.out
    assert ended.report["serving"]["rolling"] is None
    told = check(ended.report, "replicas")
    assert told["value"] == (2 if checks else 0)
    assert told["message"].count(" is not ready, for 2 min now: `kubectl describe pods` says why") == told["value"]


def test_replica_that_is_not_there_is_a_warning(registry: Registry) -> None:
    publish(registry, a_shop())
    absent = Serving(missing=("1 of 2 replicas are not there",))
    assert found(replace(observe(registry, datetime.now(UTC)), serving=absent)) == [("replicas", Verdict.WARN)]


def test_current_json_that_is_gone_is_an_issue_and_what_is_said_is_true(shop: Shop, monitor: Command) -> None:
    shop.registry.store.delete(CURRENT_KEY)
    told = issues(monitor(*AS_JSON).report)
    assert set(told) == {"no_model", "agreement"}
    assert told["no_model"].startswith("There is no current.json, though the store holds 2 versions. Put a version")
    assert "current.json names no version that loads. `python -m trainer rollback VERSION`" in told["agreement"]


def test_cluster_that_cannot_be_asked_is_a_warning_beside_the_models_health(
    shop: Shop, monitor: Command, monkeypatch: pytest.MonkeyPatch, rolling_plane: ControlPlane
) -> None:
    without_rights = rolling_plane.service_account_kubeconfig(shop.release.namespace, "default")
    monkeypatch.setenv("KUBECONFIG", str(without_rights))
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, ended.report["status"], ended.report["serving"]) == (0, "DEGRADED", None)
    assert "is forbidden" in warnings(ended.report)["agreement"]
    assert ended.report["model_version"] == shop.old
    gone = Path("gone.conf")
    gone.write_text(rolling_plane.admin.read_text().replace(rolling_plane.url, "https://127.0.0.1:9"))
    monkeypatch.setenv("KUBECONFIG", str(gone))
    assert "the API server does not answer" in warnings(monitor(*AS_JSON).report)["agreement"]


def suspend(shop: Shop) -> None:
    patch = shop.release.connection.batch.patch_namespaced_cron_job
    shop.release.connection.ask("suspend", patch, "trainer", shop.release.namespace, {"spec": {"suspend": True}})


def test_suspended_cronjob_is_a_warning_and_each_change_one_event(shop: Shop, monitor: Command) -> None:
    assert "starts its runs" in check(monitor(*AS_JSON).report, "missed_runs")["message"]
    suspend(shop)
    for _ in range(2):
        ended = monitor(*AS_JSON)
        assert (ended.exit_code, set(warnings(ended.report))) == (0, {"missed_runs"}), ended.out
    events = [event for event in shop.release.events() if event["reason"].startswith("Model")]
    assert [(event["reason"], event["type"]) for event in events] == [("ModelDegraded", "Warning")]
    message = events[0]["message"]
    assert message.startswith("The model was HEALTHY and is DEGRADED. missed_runs: CronJob trainer is suspended: ")


def test_replicas_that_give_other_answers_than_the_model_did_are_an_issue(shop: Shop, monitor: Command) -> None:
    assert check(monitor(*AS_JSON).report, "golden")["verdict"] == "ok"
    golden = golden_answers(a_connected_model(step=5))
    changed = shop.registry.manifest(shop.old).model_copy(update={"golden": golden})
    shop.registry.store.put(manifest_key(shop.old), changed.to_json())
    ended = monitor(*AS_JSON)
    assert (ended.exit_code, set(issues(ended.report))) == (1, {"golden"}), ended.out
    assert check(ended.report, "golden")["value"] == 3
    assert issues(ended.report)["golden"].count(" on product 11: ") == 2


def test_outside_of_a_cluster_nothing_is_said_of_replicas(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    assert monitor(*AS_JSON).report["serving"] is None
    assert "Replicas" not in monitor("--action", "health").out


def test_silent_replica_is_a_warning_and_a_rollout_that_halted_an_issue(registry: Registry) -> None:
    publish(registry, a_shop())
    seen = observe(registry, datetime.now(UTC))
    silent = replace(seen, serving=Serving(silent=("api-1 does not answer",)))
    assert found(silent) == [("replicas", Verdict.WARN)]
    halted = replace(seen, serving=Serving(rolling="1 of 2", has_failed=True, healing=Healing()))
    assert found(halted) == [("rollout", Verdict.FAIL)]
