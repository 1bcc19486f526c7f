"""In a cluster every replica is told of an erasure at its own address before the answer; who is not, looks later."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.registry import Registry
from tests.api.live import ADMIN, TOKEN, ThreadServer, settings_for
from tests.builders import publish
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release

ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
NOBODY = "127.0.0.9"


def open_replica(folder: Path, address: str, port: int, **settings: object) -> ThreadServer:
    """A replica that looks at the store once, and then only where it is told to."""
    return ThreadServer(settings_for(folder, api_host=address, poll_seconds=3600, **settings), port=port).until_ready()


def run_as_pod(release: Release, name: str, address: str) -> None:
    ready = [{"type": "Ready", "status": "True"}]
    ips = {"podIP": address, "podIPs": [{"ip": address}]}
    release.add_pod(name, {"phase": "Running", "conditions": ready, **ips})


@pytest.fixture
def replicas(
    folder: Path, registry: Registry, release: Release, control_plane: ControlPlane
) -> Iterator[list[ThreadServer]]:
    """Three replicas of a release, pinned to one version, which only their names in TRUSTED_HOSTS may ask."""
    version, servers = publish(registry), list[ThreadServer]()
    in_cluster = {"cluster_namespace": release.namespace, "kubeconfig": str(control_plane.admin)}
    for address in ADDRESSES:
        port = servers[0].port if servers else 0
        given = {**in_cluster, "api_port": port or 8000, "trusted_hosts": "api", "model_version": version}
        servers.append(open_replica(folder, address, port, **given))
        run_as_pod(release, f"api-{len(servers)}", address)
    yield servers
    for server in servers:
        server.end()


def know(replicas: list[ThreadServer], user: str = "1") -> list[bool]:
    answers = [server.client.get(f"/api/users/{user}/recommendations").json() for server in replicas]
    return [answer["user_known"] for answer in answers]


def erase(server: ThreadServer, user: str = "1", token: str = TOKEN) -> int:
    return server.client.delete(f"/api/users/{user}", headers={"Authorization": f"Bearer {token}"}).status_code


def test_no_replica_knows_the_user_once_one_has_answered(
    replicas: list[ThreadServer], caplog: pytest.LogCaptureFixture
) -> None:
    assert know(replicas) == [True] * 3
    assert erase(replicas[1]) == 204
    assert know(replicas) == [False] * 3
    assert know(replicas, "2") == [True] * 3
    assert "next look" not in caplog.text


def test_who_cannot_be_told_holds_nobody_else_up_and_is_named(
    replicas: list[ThreadServer], release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    run_as_pod(release, "api-gone", NOBODY)
    assert erase(replicas[1]) == 204
    assert know(replicas) == [False] * 3
    (warning,) = [record for record in caplog.records if "next look" in record.getMessage()]
    assert warning.levelno == logging.WARNING
    assert "api-gone" in warning.getMessage()
    assert "api-1" not in warning.getMessage()


def test_a_cluster_that_does_not_answer_leaves_the_erasure_done(
    folder: Path, replicas: list[ThreadServer], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {"cluster_namespace": "shop", "kubeconfig": str(tmp_path / "no such file")}
    alone = open_replica(folder, "127.0.0.4", replicas[0].port, **gone)
    assert erase(alone) == 204
    assert know([alone]) == [False]
    assert know(replicas) == [True] * 3
    assert "The other replicas learn of an erasure with their next look" in caplog.text
    for replica in replicas:
        assert replica.client.post("/api/erasures/look", headers=ADMIN).status_code == 204
    assert know(replicas) == [False] * 3
    alone.end()
