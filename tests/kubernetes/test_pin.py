"""Who changed the pin last, as the API server tells it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from cluster.api_deployment import ApiDeployment
from cluster.pin import Pin, pin_of
from tests.api.live import wait_until
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.rolling import RollingRelease

OLD, NEW = "20250104T020000Z-1f3c9a2e", "20250105T020000Z-7dd89d83"


@pytest.fixture
def deployment(rolling: RollingRelease) -> ApiDeployment:
    return ApiDeployment(rolling.connection, "api")


def pin(deployment: ApiDeployment) -> Pin:
    return deployment.status().pin


def revision(rolling: RollingRelease) -> str | None:
    metadata = rolling.read("apps", "deployment", "api")["metadata"]
    found: str | None = metadata.get("annotations", {}).get("deployment.kubernetes.io/revision")
    return found


def pin_and_wait(deployment: ApiDeployment, rolling: RollingRelease, version: str) -> None:
    """Pin a version, and wait until it has a ReplicaSet to come back to."""
    wait_until(lambda: revision(rolling) is not None)
    before = revision(rolling)
    deployment.pin(version, "a test")
    wait_until(lambda: revision(rolling) != before)


def test_new_release_has_no_pin(deployment: ApiDeployment) -> None:
    assert pin(deployment) == Pin(None)
    assert not pin(deployment).is_ours


def test_pin_of_ours_is_known_as_ours_and_has_a_time(deployment: ApiDeployment) -> None:
    deployment.pin(OLD, "a test")
    found = pin(deployment)
    assert (found.version, found.is_ours) == (OLD, True)
    assert found.changed_at
    assert abs(found.changed_at - datetime.now(UTC)) < timedelta(seconds=30)


def test_undo_is_told_from_ours_and_a_later_restart_does_not_move_its_time(
    rolling_plane: ControlPlane, rolling: RollingRelease, deployment: ApiDeployment
) -> None:
    for version in (OLD, NEW):
        pin_and_wait(deployment, rolling, version)
    in_namespace = f"--namespace={rolling.namespace}"
    kubectl(rolling_plane.site, "rollout", "undo", "deployment/api", in_namespace)
    undone = pin(deployment)
    assert (undone.version, undone.changed_by, undone.is_ours) == (OLD, "kubectl", False)
    time.sleep(1.1)
    kubectl(rolling_plane.site, "rollout", "restart", "deployment/api", in_namespace)
    assert pin(deployment) == undone
    deployment.pin(NEW, "a test")
    assert pin(deployment).is_ours


def test_undo_to_before_the_first_model_leaves_no_pin(
    rolling_plane: ControlPlane, rolling: RollingRelease, deployment: ApiDeployment
) -> None:
    pin_and_wait(deployment, rolling, OLD)
    kubectl(rolling_plane.site, "rollout", "undo", "deployment/api", f"--namespace={rolling.namespace}")
    assert pin(deployment) == Pin(None)


def test_pin_whose_owner_the_api_server_does_not_tell_is_read_all_the_same() -> None:
    template = {"metadata": {"annotations": {"recommender/model-version": OLD}}}
    assert pin_of({"metadata": {}, "spec": {"template": template}}) == Pin(OLD)
    entry = {"manager": "m", "fieldsV1": {"f:metadata": {"f:annotations": {"f:recommender/model-version": {}}}}}
    assert pin_of({"metadata": {"managedFields": [entry]}, "spec": {"template": template}}) == Pin(OLD)
