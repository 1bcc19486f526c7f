"""The rollout of a version: what is pinned, when it is done, and what is said where it does not get done."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.api_deployment import PIN, ApiDeployment
from cluster.rollout import RolloutFailedError, roll_out
from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import publish
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.release import Release

OLD, NEW = "20250104T020000Z-1f3c9a2e", "20250105T020000Z-7dd89d83"
DONE = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
NOT_READY = {"name": "main", "image": "none", "imageID": "", "ready": False, "restartCount": 0}


@pytest.fixture
def deployment(release: Release) -> ApiDeployment:
    release.scale(1)
    return ApiDeployment(release.connection, "api")


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ThreadServer]:
    """A real API that serves a model."""
    publish(Registry(FileStore(tmp_path / "store")))
    server = ThreadServer(settings_for(tmp_path / "store")).until_ready()
    yield server
    server.end()


def served_by(replica: ThreadServer) -> str:
    return str(replica.client.get("/readyz").json()["model_version"])


def test_pin_restarts_the_pods_with_the_version_and_tells_the_cause(
    control_plane: ControlPlane, release: Release, deployment: ApiDeployment
) -> None:
    before = release.read("apps", "deployment", "api")["metadata"]["generation"]
    deployment.pin(NEW, f"model {NEW}")
    found = release.read("apps", "deployment", "api")
    assert found["metadata"]["generation"] == before + 1
    assert found["metadata"]["annotations"]["kubernetes.io/change-cause"] == f"model {NEW}"
    assert release.template_annotations()[PIN] == NEW
    assert "kubectl.kubernetes.io/restartedAt" in release.template_annotations()
    shown = ("get", "deployment", "api", f"--namespace={release.namespace}", "--show-managed-fields", "--output=yaml")
    assert "manager: recommender" in kubectl(control_plane.site, *shown)


def test_rollout_ends_when_every_replica_answers_with_the_version(
    release: Release, deployment: ApiDeployment, replica: ThreadServer
) -> None:
    release.add_pod("api-1", {"podIP": "127.0.0.1"})
    release.roll_out_when_pinned(**DONE)
    assert roll_out(deployment, served_by(replica), replica.port, seconds=20) == 1


def test_replica_with_another_version_is_not_the_end(
    release: Release, deployment: ApiDeployment, replica: ThreadServer
) -> None:
    release.add_pod("api-1", {"podIP": "127.0.0.1", "containerStatuses": [NOT_READY]})
    release.roll_out_when_pinned(**DONE)
    with pytest.raises(RolloutFailedError) as failed:
        roll_out(deployment, NEW, replica.port, seconds=3)
    assert f"did not come up with model {NEW} within" in str(failed.value)
    assert "kubectl rollout undo deployment/api" in str(failed.value)


def test_old_replicas_that_are_still_there_are_not_the_end(
    release: Release, deployment: ApiDeployment, replica: ThreadServer
) -> None:
    release.add_pod("api-1", {"podIP": "127.0.0.1"})
    release.roll_out_when_pinned(**{**DONE, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2})
    with pytest.raises(RolloutFailedError, match="1 of 1 replicas are new, 2 of 2 available"):
        roll_out(deployment, served_by(replica), replica.port, seconds=3)


def test_failed_rollout_says_what_the_pods_wait_for(release: Release, deployment: ApiDeployment) -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    unschedulable = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available: insufficient cpu"}
    release.add_pod("api-1", {"containerStatuses": [{**NOT_READY, "state": waiting}]})
    release.add_pod("api-2", {"conditions": [unschedulable]})
    deadline = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    release.roll_out_when_pinned(replicas=1, updatedReplicas=1, conditions=[deadline])
    started = time.monotonic()
    with pytest.raises(RolloutFailedError) as failed:
        roll_out(deployment, NEW, 8000, seconds=30)
    assert time.monotonic() - started < 10, "a rollout that its controller gave up is not waited for"
    assert "; api-1: ImagePullBackOff no such image; api-2: 0/1 nodes are available" in str(failed.value)


def test_wait_ends_with_what_the_check_raises(deployment: ApiDeployment) -> None:
    def check() -> None:
        raise RuntimeError("the Lease is lost")

    with pytest.raises(RuntimeError, match="the Lease is lost"):
        roll_out(deployment, NEW, 8000, seconds=30, check=check)


def test_versions_of_all_replica_sets_are_in_use(release: Release, deployment: ApiDeployment) -> None:
    release.add_replica_set("api-1", {PIN: OLD})
    release.add_replica_set("api-2", {PIN: NEW})
    release.add_replica_set("api-3", {})
    release.add_replica_set("another", {PIN: "20250101T020000Z-00000000"}, labels={"app": "another"})
    assert deployment.pinned_versions() == {OLD, NEW}
