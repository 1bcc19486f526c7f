"""The way to the API server, from a pod and from outside, and what is said where there is none."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cluster.api_deployment import ApiDeployment
from cluster.connection import Connection, connect
from cluster.errors import ClusterRefusedError, ClusterUnavailableError, ConflictError, NotInClusterError
from cluster.settings import ClusterSettings
from runtime.errors import Exit
from tests.cluster.control_plane import ControlPlane
from tests.faults.in_cluster import in_cluster
from tests.faults.troubles import Kind, Strike, Trouble
from tests.kubernetes.release import Release


@pytest.fixture
def in_a_pod(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ClusterSettings:
    """Lay out what a pod finds: the address in its environment, its service account's token in a file."""
    token = tmp_path / "token"
    token.write_text(control_plane.token(namespace, "default"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(control_plane.authority))
    address = urlsplit(control_plane.url)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", str(address.hostname))
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(address.port))
    return ClusterSettings.load(_env_file=None, cluster_namespace=namespace)


def test_a_pod_is_known_by_its_service_account(in_a_pod: ClusterSettings, namespace: str) -> None:
    """A client that sent no token would be system:anonymous here."""
    with pytest.raises(ClusterRefusedError, match=f"system:serviceaccount:{namespace}:default"):
        ApiDeployment(connect(in_a_pod), "api").status()


def test_what_is_forbidden_is_one_line_and_not_tried_again(without_rights: Connection, namespace: str) -> None:
    with pytest.raises(ClusterRefusedError) as refused:
        ApiDeployment(without_rights, "api").pods()
    line = str(refused.value)
    assert line.startswith(f'cannot read Deployment {namespace}/api: deployments.apps "api" is forbidden')
    assert "The chart's Roles give the rights" in line
    assert "\n" not in line
    assert refused.value.exit_code is Exit.BAD_SETTINGS


def test_what_is_missing_is_named(connection: Connection, namespace: str) -> None:
    with pytest.raises(NotInClusterError, match=f'cannot read Deployment {namespace}/api: .* "api" not found'):
        ApiDeployment(connection, "api").status()


def test_what_is_there_already_is_told_from_what_is_forbidden(release: Release) -> None:
    with pytest.raises(ConflictError, match="already exists"):
        Release(release.connection)


def test_api_server_that_is_gone_is_to_be_tried_again(out_of_order: Callable[[], Connection], namespace: str) -> None:
    with pytest.raises(ClusterUnavailableError) as gone:
        ApiDeployment(out_of_order(), "api").status()
    assert str(gone.value).startswith(f"cannot read Deployment {namespace}/api: the API server does not answer")
    assert gone.value.exit_code is Exit.TRY_AGAIN


@pytest.mark.parametrize("call", [0, 1])
def test_answer_that_ends_in_its_middle_is_to_be_tried_again(
    call: int, rolling_plane: ControlPlane, tmp_path: Path
) -> None:
    """One answer tells its length, so that HTTP shows the end; the other one is JSON that stops."""
    with in_cluster(rolling_plane, tmp_path) as behind_front:
        assert behind_front.front
        behind_front.front.expect(Strike(call, Trouble(Kind.CUT)))
        way = {"cluster_namespace": behind_front.release.namespace, "kubeconfig": behind_front.training["KUBECONFIG"]}
        with pytest.raises(ClusterUnavailableError, match=r"cannot (read Deployment|list the pods of)"):
            ApiDeployment(connect(ClusterSettings.load(_env_file=None, **way)), "api").pods()
        assert behind_front.front.struck == [call]


def test_process_without_a_way_to_the_cluster_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    in_no_pod = ClusterSettings.load(_env_file=None, cluster_namespace="shop")
    with pytest.raises(NotInClusterError, match=r"CLUSTER_NAMESPACE='shop' is set, but .*automountServiceAccount"):
        connect(in_no_pod)
    no_file = ClusterSettings.load(_env_file=None, cluster_namespace="shop", kubeconfig=str(tmp_path / "none"))
    with pytest.raises(NotInClusterError, match="there is no way to the cluster"):
        connect(no_file)
    with pytest.raises(NotInClusterError, match="CLUSTER_NAMESPACE is not set"):
        connect(ClusterSettings.load(_env_file=None))
