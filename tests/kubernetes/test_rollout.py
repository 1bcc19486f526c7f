"""The rollout of a version: what is pinned, when it is done, and what is said where it does not get done."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.api_deployment import ApiDeployment
from cluster.errors import RolloutFailedError, SupersededError
from cluster.pin import PIN
from cluster.rollout import Expected, Rollout
from model.golden import GoldenAnswer, golden_answers
from registry.files import FileStore
from registry.registry import Registry
from runtime.errors import Exit
from tests.api.live import ThreadServer, settings_for, wait_until
from tests.builders import a_connected_model, publish
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.release import Release
from tests.kubernetes.rolling import Node, RollingRelease, Told

OLD, NEW = "20250104T020000Z-1f3c9a2e", "20250105T020000Z-7dd89d83"
HERE, NOBODY = Told("127.0.0.1"), Told("127.0.0.9")
NOT_READY = {"name": "main", "image": "none", "imageID": "", "ready": False, "restartCount": 0}
GOLDEN = golden_answers(a_connected_model())
SCORES = GOLDEN[0].scores


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ThreadServer]:
    """A real API that serves a model."""
    publish(Registry(FileStore(tmp_path / "store")), a_connected_model())
    server = ThreadServer(settings_for(tmp_path / "store")).until_ready()
    yield server
    server.end()


def nothing() -> None: ...


def rollout(deployment: ApiDeployment, expected: Expected, check: Callable[[], None] = nothing) -> Rollout:
    deployment.pin(expected.version, "a test")
    return Rollout(deployment, expected, check)


def test_pin_restarts_the_pods_with_the_version_and_tells_the_cause(
    control_plane: ControlPlane, release: Release
) -> None:
    before = release.read("apps", "deployment", "api")["metadata"]["generation"]
    ApiDeployment(release.connection, "api").pin(NEW, f"model {NEW}")
    found = release.read("apps", "deployment", "api")
    assert found["metadata"]["generation"] == before + 1
    assert found["metadata"]["annotations"]["kubernetes.io/change-cause"] == f"model {NEW}"
    assert release.template_annotations()[PIN] == NEW
    assert "kubectl.kubernetes.io/restartedAt" in release.template_annotations()
    shown = ("get", "deployment", "api", f"--namespace={release.namespace}", "--show-managed-fields", "--output=yaml")
    assert "manager: recommender" in kubectl(control_plane.site, *shown)


def test_rollout_ends_when_every_replica_gives_the_golden_answers(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    assert len(GOLDEN) == 5
    node.run(None, HERE)
    rolling.until_rolled()
    node.run(served, HERE)
    assert rollout(deployment, Expected(served, GOLDEN)).wait(30) == 2
    assert {pod["metadata"]["annotations"][PIN] for pod in rolling.pods()} == {served}


def test_first_replica_with_a_wrong_answer_ends_the_rollout_while_the_old_ones_are_there(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(None, HERE)
    rolling.until_rolled()
    node.run(served, replace(HERE, starts_within_seconds=2))
    wrong = replace(GOLDEN[2], scores=(GOLDEN[2].scores[0] * 1.0001, *GOLDEN[2].scores[1:]))
    with pytest.raises(RolloutFailedError) as failed:
        rollout(deployment, Expected(served, (*GOLDEN[:2], wrong))).wait(30)
    assert f"did not come up with model {served}: api-" in str(failed.value)
    assert f"on product {wrong.product_id}: " in str(failed.value)
    assert "has score" in str(failed.value)
    assert any(PIN not in pod["metadata"].get("annotations", {}) for pod in rolling.pods())


def test_scores_may_differ_by_the_rounding_of_the_api_alone(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(served, HERE)
    rounded = tuple(replace(one, scores=tuple(score * (1 + 4e-6) for score in one.scores)) for one in GOLDEN)
    rollout(deployment, Expected(served, rounded)).wait(30)
    rolling.until_rolled()


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (GoldenAnswer("0", ("1", "2", "3", "4", "6"), SCORES), "1, 2, 3, 4, 5, where the model has 1, 2, 3, 4, 6"),
        (GoldenAnswer("0", ("2", "1", "3", "4", "5"), SCORES), "1, 2, 3, 4, 5, where the model has 2, 1, 3, 4, 5"),
        (
            GoldenAnswer("no/such product", ("1", "2", "3", "4", "5"), SCORES),
            "on product no/such product: it knows no such product",
        ),
    ],
)
def test_other_neighbours_another_order_and_an_unknown_product_are_told(
    deployment: ApiDeployment, node: Node, served: str, expected: GoldenAnswer, said: str
) -> None:
    node.run(served, HERE)
    with pytest.raises(RolloutFailedError) as failed:
        rollout(deployment, Expected(served, (expected,))).wait(30)
    assert said in str(failed.value)


def test_replica_with_another_version_than_its_pin_fails_the_rollout(
    deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(NEW, HERE)
    with pytest.raises(RolloutFailedError, match=f"is pinned to {NEW} and serves {served}"):
        rollout(deployment, Expected(NEW)).wait(30)


def test_replica_that_does_not_answer_yet_is_asked_again(
    deployment: ApiDeployment, node: Node, served: str, replica: ThreadServer, tmp_path: Path
) -> None:
    node.run(served, Told("127.0.0.2"))
    started: list[ThreadServer] = []

    def start() -> None:
        settings = settings_for(tmp_path / "store", api_host="127.0.0.2")
        started.append(ThreadServer(settings, port=replica.port))

    starting = threading.Timer(2, start)
    starting.start()
    assert rollout(deployment, Expected(served, GOLDEN)).wait(30) == 2
    starting.join()
    started[0].end()


def test_replicas_that_never_answer_are_named_when_the_time_is_up(
    deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(served, NOBODY)
    with pytest.raises(RolloutFailedError) as failed:
        rollout(deployment, Expected(served, GOLDEN)).wait(2)
    assert f"did not come up with model {served}: not within 2 s: api-" in str(failed.value)
    assert "does not answer /readyz" in str(failed.value)
    assert "kubectl rollout undo deployment/api" in str(failed.value)


def test_replicas_that_never_become_ready_leave_the_old_ones_and_are_named(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(None, HERE)
    rolling.until_rolled()
    node.run(served, Told(HERE.address, is_ready=False))
    with pytest.raises(RolloutFailedError, match=r"1 of 2 replicas are new, 2 of 3 available; api-.*: not ready"):
        rollout(deployment, Expected(served, GOLDEN)).wait(3)


def test_rollout_that_its_controller_gave_up_is_not_waited_for(release: Release) -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    unschedulable = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available: insufficient cpu"}
    release.add_pod("api-1", {"containerStatuses": [{**NOT_READY, "state": waiting}]})
    release.add_pod("api-2", {"conditions": [unschedulable]})
    deadline = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    release.roll_out_when_pinned(replicas=1, updatedReplicas=1, conditions=[deadline])
    started = time.monotonic()
    with pytest.raises(RolloutFailedError) as failed:
        rollout(ApiDeployment(release.connection, "api"), Expected(NEW)).wait(30)
    assert time.monotonic() - started < 10
    assert "; api-1: ImagePullBackOff no such image; api-2: 0/1 nodes are available" in str(failed.value)


def test_pods_that_ended_and_stayed_are_not_waited_for(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(served, HERE)
    rollout(deployment, Expected(served, GOLDEN)).wait(30)
    evicted = rolling.pods()[0]["metadata"]["name"]
    rolling.say_of_pod(evicted, {"phase": "Failed", "reason": "Evicted"})
    rolling.until_rolled()
    assert evicted in {pod["metadata"]["name"] for pod in rolling.pods()}
    assert Rollout(deployment, Expected(served, GOLDEN), nothing).wait(10) == 2


def test_pin_that_somebody_else_changes_ends_the_wait_at_once(
    rolling_plane: ControlPlane, rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(OLD, HERE)
    deployment.pin(OLD, "the old one")
    rolling.until_rolled()
    waiting = rollout(deployment, Expected(served, GOLDEN))
    undo = ("rollout", "undo", "deployment/api", f"--namespace={rolling.namespace}")
    threading.Timer(1, lambda: kubectl(rolling_plane.site, *undo)).start()
    started = time.monotonic()
    with pytest.raises(SupersededError) as superseded:
        waiting.wait(30)
    assert time.monotonic() - started < 10
    assert f"kubectl pinned Deployment {rolling.namespace}/api to {OLD}, no longer to {served}" in str(superseded.value)
    assert superseded.value.exit_code is Exit.ROLLED_BACK


def test_wait_ends_with_what_the_check_raises(deployment: ApiDeployment) -> None:
    def check() -> None:
        raise TimeoutError("the Lease is lost")

    with pytest.raises(TimeoutError, match="the Lease is lost"):
        rollout(deployment, Expected(NEW), check).wait(30)


def test_pin_is_put_in_place_of_the_expected_one_only(rolling: RollingRelease, deployment: ApiDeployment) -> None:
    deployment.pin(OLD, "the old one")
    with pytest.raises(SupersededError, match=f"to {OLD}, no longer to {NEW}"):
        deployment.repin(NEW, "a test", instead_of=NEW)
    deployment.repin(NEW, "a test", instead_of=OLD)
    assert rolling.pinned() == NEW


def test_version_that_is_put_back_needs_no_new_pods(
    rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str
) -> None:
    node.run(served, HERE)
    rollout(deployment, Expected(served)).wait(30)
    serving = {pod["metadata"]["uid"] for pod in rolling.pods()}
    deployment.pin(NEW, "one that does not come up")
    wait_until(lambda: len(rolling.pods()) == 3)
    deployment.put_back(served, "again", instead_of=NEW)
    assert Rollout(deployment, Expected(served), nothing).wait(30) == 2
    assert {pod["metadata"]["uid"] for pod in rolling.pods()} == serving


def test_versions_of_all_replica_sets_are_in_use(release: Release) -> None:
    release.add_replica_set("api-1", {PIN: OLD})
    release.add_replica_set("api-2", {PIN: NEW})
    release.add_replica_set("api-3", {})
    release.add_replica_set("another", {PIN: "20250101T020000Z-00000000"}, labels={"app": "another"})
    assert ApiDeployment(release.connection, "api").pinned_versions() == {OLD, NEW}
