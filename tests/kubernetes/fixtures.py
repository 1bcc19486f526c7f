"""A namespace with a release in it, and the ways to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.connection import Connection, connect
from cluster.settings import ClusterSettings
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release


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


@pytest.fixture
def out_of_order(namespace: str, control_plane: ControlPlane, tmp_path: Path) -> Callable[[], Connection]:
    """Give a way to an API server that is gone."""

    def connection() -> Connection:
        kubeconfig = tmp_path / "gone.conf"
        kubeconfig.write_text(control_plane.admin.read_text().replace(control_plane.url, "https://127.0.0.1:9"))
        return connect(settings(namespace, kubeconfig))

    return connection
