"""A namespace with a release in it, and the ways to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cluster.connection import Connection, connect
from cluster.settings import ClusterSettings
from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.kubernetes.release import Release
from tests.kubernetes.rolling import CONTROLLERS, Node, RollingRelease, running_node
from tests.parts.fixtures import announce_builds, had


def settings(namespace: str, kubeconfig: Path) -> ClusterSettings:
    return ClusterSettings.load(_env_file=None, cluster_namespace=namespace, kubeconfig=str(kubeconfig))


@pytest.fixture
def connection(control_plane: ControlPlane, namespace: str) -> Connection:
    """Give a way to the API server, as its administrator."""
    return connect(settings(namespace, control_plane.admin))


@pytest.fixture
def release(connection: Connection) -> Release:
    """Give a release in a new namespace."""
    return Release(connection)


@pytest.fixture
def without_rights(control_plane: ControlPlane, namespace: str) -> Connection:
    """Give the way of a service account that no Role names."""
    kubeconfig = control_plane.service_account_kubeconfig(namespace, "default")
    return connect(settings(namespace, kubeconfig))


@pytest.fixture(scope="session")
def rolling_plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """Give a running API server whose Deployments roll."""
    announce_builds(request, "etcd", "kubernetes")
    with ExitStack() as stack:
        yield had(running_control_plane(CONTROLLERS), stack)


@pytest.fixture
def rolling(rolling_plane: ControlPlane) -> RollingRelease:
    """Give a release in a new namespace of it."""
    return RollingRelease(connect(settings(rolling_plane.new_namespace(), rolling_plane.admin)))


@pytest.fixture
def node(rolling: RollingRelease) -> Iterator[Node]:
    """Give the node that runs its pods."""
    with running_node(rolling) as node:
        yield node


@pytest.fixture
def out_of_order(namespace: str, control_plane: ControlPlane, tmp_path: Path) -> Callable[[], Connection]:
    """Give a way to an API server that is gone."""

    def connection() -> Connection:
        kubeconfig = tmp_path / "gone.conf"
        kubeconfig.write_text(control_plane.admin.read_text().replace(control_plane.url, "https://127.0.0.1:9"))
        return connect(settings(namespace, kubeconfig))

    return connection
