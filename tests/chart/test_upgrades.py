"""A live Deployment keeps the model version that the trainer pinned, whatever helm does, by both ways of applying.

Helm 3 patches what differs between two renderings; Helm 4 applies on the server's side, where each field has an owner.
"""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from cluster.api_deployment import ApiDeployment
from cluster.connection import connect
from cluster.pin import PIN
from cluster.settings import ClusterSettings
from tests.chart.helm import CHART, SHOP, Helm, Values, joined
from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.cluster.kubectl import kubectl
from tests.parts.missing import PartMissingError

FIRST, SECOND = "20250105T020000Z-1f3c9a2e", "20250106T020000Z-2e9c3f1a"
RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
# No hooks: there is no kubelet that would run them.
SHOP_WITHOUT_HOOKS: Final = joined(SHOP, {"trainer": {"firstTraining": {"enabled": False}}})
UNRELATED: Final = joined(SHOP_WITHOUT_HOOKS, {"trainer": {"schedule": "weekly"}})
NEW_TEMPLATE: Final = joined(SHOP_WITHOUT_HOOKS, {"logging": {"level": "DEBUG"}})
NEW_IMAGE: Final = joined(SHOP_WITHOUT_HOOKS, {"api": {"image": {"tag": "2"}}})


@pytest.fixture(scope="module")
def deployments() -> Iterator[ControlPlane]:
    """Give an API server with the controllers that a rollout needs."""
    try:
        with running_control_plane(["deployment-controller", "replicaset-controller"]) as plane:
            yield plane
    except PartMissingError as missing:
        pytest.skip(str(missing))


class Release:
    """A release in a namespace, and the live Deployment `api`."""

    def __init__(self, plane: ControlPlane, helm: Helm) -> None:
        self._plane, self._helm = plane, helm
        self.namespace = plane.new_namespace()
        settings = ClusterSettings.load(_env_file=None, cluster_namespace=self.namespace, kubeconfig=str(plane.admin))
        self._deployment = ApiDeployment(connect(settings), "api")
        self._run("install", SHOP_WITHOUT_HOOKS)

    def upgrade(self, values: Values, *arguments: str, helm: Helm | None = None) -> None:
        self._run("upgrade", values, *arguments, helm=helm)

    def roll_back(self, revision: int) -> None:
        where = ("--namespace", self.namespace)
        self._helm.run("rollback", "shop", str(revision), *where, kubeconfig=self._plane.admin)

    def pin(self, version: str) -> None:
        """Pin as the trainer does, and wait until the controller has taken note."""
        self._deployment.pin(version, f"model {version}")
        self.settle()

    def undo(self) -> None:
        self.settle()
        self.kubectl("rollout", "undo", "deployment/api")

    def settle(self) -> None:
        """Wait until the controller has made a ReplicaSet of the newest template."""
        deadline = time.monotonic() + 30
        while not self._deployment.status().is_seen:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def kubectl(self, *arguments: str) -> str:
        return kubectl(self._plane.site, "--namespace", self.namespace, *arguments)

    @property
    def live(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kubectl("get", "deployment/api", "--output=json"))
        return found

    @property
    def annotations(self) -> dict[str, str]:
        return dict(self.live["spec"]["template"]["metadata"]["annotations"])

    @property
    def pinned(self) -> str | None:
        return self.annotations.get(PIN)

    def _run(self, verb: str, values: Values, *arguments: str, helm: Helm | None = None) -> None:
        where = ("--namespace", self.namespace, *arguments)
        (helm or self._helm).run(verb, "shop", str(CHART), *where, values=values, kubeconfig=self._plane.admin)


@pytest.fixture
def release(deployments: ControlPlane, each_helm: Helm) -> Release:
    """Give a release, made by Helm 4 and then by Helm 3."""
    return Release(deployments, each_helm)


def test_a_new_release_pins_nothing(release: Release) -> None:
    assert release.pinned is None


def test_an_upgrade_of_something_else_restarts_nothing(release: Release) -> None:
    release.pin(FIRST)
    before = release.live
    release.upgrade(UNRELATED)
    assert release.pinned == FIRST
    assert release.live["metadata"]["generation"] == before["metadata"]["generation"]
    assert json.loads(release.kubectl("get", "cronjob/trainer", "--output=json"))["spec"]["schedule"] == "0 2 * * 0"


def test_an_upgrade_of_the_pods_keeps_the_pinned_version(release: Release) -> None:
    release.pin(FIRST)
    before = release.annotations
    release.upgrade(NEW_TEMPLATE)
    assert release.pinned == FIRST
    assert release.annotations["checksum/config"] != before["checksum/config"]
    assert release.annotations[RESTARTED_AT] == before[RESTARTED_AT]
    release.upgrade(NEW_IMAGE)
    assert release.pinned == FIRST
    assert release.live["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":2")


def test_each_pin_after_an_upgrade_takes_the_place_of_the_one_before(release: Release) -> None:
    release.pin(FIRST)
    release.upgrade(NEW_TEMPLATE)
    release.pin(SECOND)
    release.upgrade(SHOP_WITHOUT_HOOKS)
    assert release.pinned == SECOND


def test_an_undone_rollout_stays_undone(release: Release) -> None:
    release.pin(FIRST)
    release.pin(SECOND)
    release.undo()
    assert release.pinned == FIRST
    release.upgrade(UNRELATED)
    assert release.pinned == FIRST
    release.upgrade(NEW_TEMPLATE)
    assert release.pinned == FIRST


def test_a_rollback_of_the_release_keeps_the_pinned_version(release: Release) -> None:
    release.pin(FIRST)
    release.upgrade(NEW_IMAGE)
    release.pin(SECOND)
    release.roll_back(1)
    assert release.pinned == SECOND
    assert not release.live["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":2")


def test_helm_4_takes_over_a_release_of_helm_3(deployments: ControlPlane, helm: Helm, helm3: Helm) -> None:
    release = Release(deployments, helm3)
    release.pin(FIRST)
    release.upgrade(NEW_TEMPLATE, helm=helm)
    assert release.pinned == FIRST
    release.upgrade(NEW_IMAGE, "--server-side=true", "--force-conflicts", helm=helm)
    assert release.pinned == FIRST


def test_replicas_of_an_autoscaler_are_left_alone(release: Release) -> None:
    values = joined(SHOP_WITHOUT_HOOKS, {"api": {"autoscaling": {"enabled": True}}})
    release.upgrade(values)
    release.kubectl("scale", "deployment/api", "--replicas=7")
    release.upgrade(joined(values, NEW_IMAGE))
    assert release.live["spec"]["replicas"] == 7
