"""A release whose Deployment really rolls: Kubernetes' own controllers make its ReplicaSets and pods.

What a node would do with the pods, a test says: which address the replicas of a version have, and whether they are
ready. At the address there is a real server of the API, or nothing.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cluster.pin import PIN
from runtime.errors import RecommenderError
from tests.kubernetes.release import LABELS, Json, Release

CONTROLLERS = ("deployment-controller", "replicaset-controller")
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Told:
    """What the kubelet says of a pod."""

    address: str
    is_ready: bool = True
    restarts: int = 0
    starts_within_seconds: float = 0
    is_so_for_seconds: float = 0

    def is_started(self, pod: Json) -> bool:
        created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
        return (datetime.now(UTC) - created).total_seconds() > self.starts_within_seconds

    def status(self) -> Json:
        ready = "True" if self.is_ready else "False"
        since = f"{datetime.now(UTC) - timedelta(seconds=self.is_so_for_seconds):%Y-%m-%dT%H:%M:%SZ}"
        container = {"name": "main", "image": "none", "imageID": "", "ready": self.is_ready}
        return {
            "phase": "Running",
            "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}],
            "containerStatuses": [{**container, "restartCount": self.restarts, "state": {"running": {}}}],
        }


class Node:
    """Runs the pods of a release: those of a version as it was told to, and no others."""

    def __init__(self, release: "RollingRelease") -> None:
        self._release = release
        self._wanted: dict[str | None, Told] = {}
        self._said: dict[str, Told] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, daemon=True)
        self._thread.start()

    def run(self, version: str | None, told: Told) -> None:
        """Have the replicas of a version run like this from now on; a pod keeps its address."""
        self._wanted[version] = told

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _keep_running(self) -> None:
        while not self._stopped.wait(_POLL_SECONDS):
            try:
                for pod in self._release.pods():
                    self._tell(pod)
            except RecommenderError:  # a pod that was deleted meanwhile
                continue

    def _tell(self, pod: Json) -> None:
        metadata = pod["metadata"]
        told, said = self._wanted.get(metadata.get("annotations", {}).get(PIN)), self._said.get(metadata["uid"])
        if told and said:
            told = replace(told, address=said.address)
        if told and told.is_started(pod) and said != told:
            self._release.say_of_pod(metadata["name"], told.status())
            self._said[metadata["uid"]] = told


class RollingRelease(Release):
    """The objects of a release on an API server with CONTROLLERS."""

    def pods(self) -> list[Json]:
        selector = ",".join(f"{name}={value}" for name, value in LABELS.items())
        call = self.connection.core.list_namespaced_pod
        return list(self.connection.ask("list pods", call, self.namespace, label_selector=selector)["items"])

    def say_of_pod(self, name: str, status: Json) -> None:
        self._say("core", "pod", name, status)

    def delete_pod(self, name: str) -> None:
        self.connection.ask("delete a pod", self.connection.core.delete_namespaced_pod, name, self.namespace)

    def pinned(self) -> str | None:
        return self.template_annotations().get(PIN)

    def until_rolled(self, seconds: float = 20) -> None:
        """Wait until the controllers have nothing left to do."""
        deadline = time.monotonic() + seconds
        while not self._is_rolled():
            assert time.monotonic() < deadline, self.read("apps", "deployment", "api")["status"]
            time.sleep(_POLL_SECONDS)

    def _is_rolled(self) -> bool:
        found = self.read("apps", "deployment", "api")
        status, wanted = found["status"], found["spec"]["replicas"]
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        counts = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
        return seen and counts == {wanted}


@contextmanager
def running_node(release: RollingRelease) -> Iterator[Node]:
    """Run the pods of a release for as long as the context lasts."""
    node = Node(release)
    try:
        yield node
    finally:
        node.stop()
