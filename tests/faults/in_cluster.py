"""A trainer in a cluster: a real API server behind a front, the controllers that roll a Deployment, a store on files.

What a node would do is done here: each pod is said to run, at the address of the lane's own API. That follows
current.json, so that it serves what a run has promoted and pins.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Final

from cluster.connection import connect
from cluster.errors import NotInClusterError
from cluster.pin import PIN
from cluster.settings import ClusterSettings
from registry.files import FileStore
from runtime.errors import RecommenderError
from tests.cluster.api_client import as_admin
from tests.cluster.control_plane import ControlPlane
from tests.faults.backends import OnFiles
from tests.faults.front import ErrorAnswer, FaultyFront
from tests.faults.points import Boundary
from tests.faults.scenes import State
from tests.faults.troubles import Kind
from tests.kubernetes.rolling import RollingRelease, Told
from tests.parts.http_front import serving
from tests.parts.processes import free_port

_LEASE: Final = "trainer"
_LONG_AGO: Final = "2020-01-01T00:00:00.000000Z"
_LOOK_AGAIN_SECONDS: Final = 0.02


@dataclass(frozen=True)
class InCluster(OnFiles):
    """A store on files, and a release in a namespace."""

    release: RollingRelease = field(kw_only=True)

    def restore(self, state: State) -> None:
        """Bring the store to a state; before the first run of all there is no Lease either."""
        super().restore(state)
        self.release.until_rolled()
        if not state:
            with suppress(NotInClusterError):
                self._lease("delete")

    def free_lock(self) -> None:
        with suppress(NotInClusterError):
            if self._lease("read")["spec"].get("holderIdentity"):
                self._lease("patch", {"spec": {"renewTime": _LONG_AGO}})

    def problems(self, version: str) -> list[str]:
        pinned = self.release.template_annotations().get(PIN)
        holder = self._lease("read")["spec"].get("holderIdentity")
        return [
            *([f"the pin is {pinned}"] if pinned != version else []),
            *([f"{holder} still holds the Lease"] if holder else []),
        ]

    def _lease(self, verb: str, *body: object) -> dict[str, dict[str, str]]:
        connection = self.release.connection
        call = getattr(connection.coordination, f"{verb}_namespaced_lease")
        return connection.ask(f"{verb} the Lease", call, _LEASE, self.release.namespace, *body)  # type: ignore[arg-type]


@contextmanager
def in_cluster(control_plane: ControlPlane, folder: Path) -> Iterator[InCluster]:
    """Give a release in a new namespace of a cluster with CONTROLLERS, and a front before its API server."""
    namespace, port, root = control_plane.new_namespace(), str(free_port()), folder / "store"
    release = _release(control_plane, namespace)
    with serving(FaultyFront(lambda: _connection(control_plane), _ERRORS)) as front, _kubelet(release):
        store = {"STORE_URL": root.as_uri()}
        training = {
            **store,
            "CLUSTER_NAMESPACE": namespace,
            "KUBECONFIG": str(_kubeconfig(front.url, folder)),
            "POD_NAME": "trainer-1",
            "API_PORT": port,
            "ROLLOUT_SECONDS": "8",
            "ROLLOUT_WATCH_SECONDS": "0.1",
        }
        reading = {**store, "API_PORT": port}
        boundaries = (Boundary.CLUSTER,)
        yield InCluster("cluster", boundaries, FileStore(root), reading, training, front, root=root, release=release)


def _release(control_plane: ControlPlane, namespace: str) -> RollingRelease:
    """Make a release of one replica. What old ReplicaSets pin would be kept, so that there is one of those only."""
    settings = ClusterSettings.load(_env_file=None, cluster_namespace=namespace, kubeconfig=str(control_plane.admin))
    release = RollingRelease(connect(settings))
    spec = {"replicas": 1, "revisionHistoryLimit": 1}
    call = release.connection.apps.patch_namespaced_deployment
    release.connection.ask("make it small", call, "api", namespace, {"spec": spec})
    return release


def _connection(control_plane: ControlPlane) -> HTTPSConnection:
    site = control_plane.site
    return HTTPSConnection(site.host, site.api_port, timeout=30, context=as_admin(site))


def _kubeconfig(url: str, folder: Path) -> Path:
    """Write a way to the front, which speaks to the API server as the administrator."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kubeconfig"
    named = [{"name": "front", "cluster": {"server": url}}]
    context = [{"name": "front", "context": {"cluster": "front", "user": "nobody"}}]
    users = [{"name": "nobody", "user": {}}]
    path.write_text(json.dumps({"current-context": "front", "clusters": named, "contexts": context, "users": users}))
    return path


@contextmanager
def _kubelet(release: RollingRelease) -> Iterator[None]:
    """Say of each new pod that it runs, at the address of the lane's API, for as long as the context lasts."""
    done, status = threading.Event(), Told("127.0.0.1").status()

    def work() -> None:
        while not done.wait(_LOOK_AGAIN_SECONDS):
            with suppress(RecommenderError):  # a pod that was deleted meanwhile, say
                for pod in release.pods():
                    if "podIP" not in pod["status"]:
                        release.say_of_pod(pod["metadata"]["name"], status)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _error(status: int, reason: str) -> ErrorAnswer:
    said = {
        "kind": "Status",
        "status": "Failure",
        "code": status,
        "reason": reason,
        "message": "trouble made by a test",
    }
    return ErrorAnswer(status, json.dumps(said).encode(), "application/json")


_ERRORS: Final = {
    Kind.SERVER_ERROR: _error(500, "InternalError"),
    Kind.FORBIDDEN: _error(403, "Forbidden"),
    Kind.SLOW_DOWN: _error(429, "TooManyRequests"),
}
