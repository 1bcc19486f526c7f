"""A run in a cluster: it holds the Lease, restarts the API, and tells the CronJob how it ended."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.connection import Connection
from cluster.lease import Lease
from cluster.pin import PIN
from cluster.termination import TERMINATION_LOG, Termination, read_termination, write_termination
from registry.files import FileStore
from registry.history import Outcome, Run, read_history
from registry.registry import Registry
from runtime.errors import BadDataError
from tests.builders import publish
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release
from tests.trainer.running import assert_one_clear_line, train
from trainer.pipeline import train_once
from trainer.run_report import report_run
from trainer.settings import TrainerSettings


@pytest.fixture(autouse=True)
def _in_the_release(
    release: Release,
    control_plane: ControlPlane,
    store_path: Path,  # noqa: ARG001 (sets STORE_URL)
    sample_shop_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set what the chart sets. The Deployment has no replicas, so that a rollout ends once it is seen."""
    release.scale(0)
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)
    monkeypatch.setenv("CLUSTER_NAMESPACE", release.namespace)
    monkeypatch.setenv("KUBECONFIG", str(control_plane.admin))
    monkeypatch.setenv("POD_NAME", "trainer-1")
    monkeypatch.setenv("ROLLOUT_SECONDS", "20")
    monkeypatch.setenv("ROLLOUT_WATCH_SECONDS", "0")


def told(release: Release) -> tuple[str, str, str]:
    """Give the type, the reason and the message of the one Event there is."""
    (event,) = release.events()
    return event["type"], event["reason"], event["message"]


def current_version(store_path: Path) -> str:
    pointer = Registry(FileStore(store_path)).current()
    assert pointer
    return pointer.version


def test_promoted_model_is_pinned_and_told(release: Release, store_path: Path) -> None:
    release.roll_out_when_pinned()
    ended = train()
    version = current_version(store_path)
    assert ended.exit_code == 0, ended.log
    assert release.template_annotations()[PIN] == version
    assert f"Restarting Deployment {release.namespace}/api with model {version}..." in ended.log
    kind, reason, message = told(release)
    assert (kind, reason) == ("Normal", "ModelPromoted")
    assert re.fullmatch(rf"Model {version} promoted after [\d.]+ s", message)
    assert release.read("coordination", "lease", "trainer")["spec"]["holderIdentity"] == ""
    (run,) = read_history(FileStore(store_path))
    assert "roll_out" in (run.seconds_by_step or {})


def test_version_that_a_replica_set_pins_is_kept(release: Release, store_path: Path) -> None:
    registry = Registry(FileStore(store_path))
    pinned, unused, previous = [publish(registry) for _ in range(3)]
    release.add_replica_set("api-1", {PIN: pinned})
    release.roll_out_when_pinned()
    assert train("--force", "the one before is another shop's", KEEP_VERSIONS="1").exit_code == 0
    kept = {summary.version for summary in registry.versions()}
    assert kept == {pinned, previous, current_version(store_path)}
    assert unused not in kept


def test_invalid_data_restarts_nothing_and_is_told(release: Release) -> None:
    ended = train(MIN_USERS="1000")
    assert_one_clear_line(ended, 65, "MIN_USERS")
    assert PIN not in release.template_annotations()
    kind, reason, message = told(release)
    assert (kind, reason) == ("Warning", "DataInvalid")
    assert message in ended.last_line


def test_first_rollout_that_does_not_end_fails_the_run_and_is_told(release: Release, store_path: Path) -> None:
    ended = train(ROLLOUT_SECONDS="1")
    assert_one_clear_line(ended, 1, f"did not come up with model {current_version(store_path)}: not within 1 s")
    assert "It is the first model, so there is none to go back to" in ended.last_line
    assert told(release)[:2] == ("Warning", "TrainingFailed")


def test_later_rollout_that_does_not_end_is_rolled_back_and_told(release: Release, store_path: Path) -> None:
    before = publish(Registry(FileStore(store_path)))
    ended = train("--force", "the one before is another shop's", ROLLOUT_SECONDS="1")
    assert_one_clear_line(ended, 70, f"current.json names {before} again, but not all replicas serve it")
    assert current_version(store_path) == before
    assert release.template_annotations()[PIN] == before
    assert told(release)[:2] == ("Warning", "ModelRolledBack")
    assert read_history(FileStore(store_path))[-1].outcome is Outcome.ROLLED_BACK


def test_second_trainer_ends_before_it_reads_anything(release: Release) -> None:
    with Lease(release.connection, "trainer", "trainer-0", "trainer").held():
        ended = train()
    assert_one_clear_line(ended, 75, "another trainer is at work: trainer-0 holds Lease")
    assert "Connecting to database" not in ended.log
    assert told(release)[1] == "TrainingFailed"


def test_wrong_settings_are_told_too(release: Release) -> None:
    assert_one_clear_line(train(MIN_USERS="many"), 64, "MIN_USERS='many'")
    assert "MIN_USERS='many'" in told(release)[2]


def test_api_server_that_is_gone_is_to_be_tried_again(out_of_order: Callable[[], Connection], tmp_path: Path) -> None:
    out_of_order()
    ended = train(KUBECONFIG=str(tmp_path / "gone.conf"))
    assert_one_clear_line(ended, 75, "cannot read Lease", "the API server does not answer")
    assert "The CronJob has no Event of this run" in ended.log


def test_run_that_lost_the_lease_publishes_nothing(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cluster.lease._LOST_AFTER_SECONDS", 0.0)
    with pytest.raises(Exception, match="was lost: it was not renewed"):
        train_once(TrainerSettings.load())
    registry = Registry(FileStore(store_path))
    assert registry.versions() == []
    assert read_history(registry.store)[-1].outcome is Outcome.FAILED


def test_rollback_pins_the_earlier_version(release: Release, store_path: Path) -> None:
    release.roll_out_when_pinned()
    train()
    first = current_version(store_path)
    second = publish(Registry(FileStore(store_path)))
    ended = train("rollback", ROLLOUT_SECONDS="1")
    assert f"Current model: {first} (before: {second})" in ended.output
    assert_one_clear_line(ended, 1, f"did not come up with model {first}: not within 1 s")  # there is no controller
    assert current_version(store_path) == first
    assert release.template_annotations()[PIN] == first


def test_rollback_that_the_cluster_refuses_changes_nothing(
    release: Release, store_path: Path, control_plane: ControlPlane
) -> None:
    registry = Registry(FileStore(store_path))
    publish(registry)
    second = publish(registry)
    without_rights = control_plane.service_account_kubeconfig(release.namespace, "default")
    ended = train("rollback", KUBECONFIG=str(without_rights))
    assert_one_clear_line(ended, 64, "is forbidden", f"; current.json names {second} again. The chart's Roles")
    assert ended.output == ""
    assert current_version(store_path) == second


def test_start_makes_a_job_and_says_how_to_follow_it(release: Release) -> None:
    ended = train("start", "--name", "first")
    assert ended.exit_code == 0
    assert ended.output == "Started Job trainer-first: kubectl logs --follow job/trainer-first\n"
    assert release.jobs() == ["trainer-first"]
    again = train("start", "--name", "first")
    assert (again.exit_code, again.output) == (
        0,
        "Job trainer-first is there already: kubectl logs job/trainer-first\n",
    )
    assert release.jobs() == ["trainer-first"]


def test_start_outside_of_a_cluster_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLUSTER_NAMESPACE")
    assert_one_clear_line(train("start"), 64, "CLUSTER_NAMESPACE is not set")


def test_pods_last_words_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "termination-log"
    path.touch()
    write_termination(Termination("invalid", error="x" * 9000), path)
    assert len(path.read_bytes()) < 4096
    assert read_termination(path.read_text()) == Termination("invalid", error="x" * 2000)
    assert read_termination("Killed\n") == Termination(error="Killed")
    assert read_termination("") == read_termination(None) == Termination()
    assert read_termination("[1]") == Termination(error="[1]")


def test_run_leaves_its_last_words_where_the_kubelet_reads_them(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "termination-log"
    path.touch()
    monkeypatch.setattr("trainer.run_report.write_termination", lambda left: write_termination(left, path))

    def run() -> Run:
        raise BadDataError("too few users")

    with pytest.raises(BadDataError):
        report_run(run)
    assert json.loads(path.read_text()) == {"outcome": "invalid", "version": None, "error": "too few users"}
    assert told(release)[1] == "DataInvalid"
    assert str(TERMINATION_LOG) == "/dev/termination-log"
