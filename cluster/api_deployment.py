"""The API's Deployment: a rollout restart with the model version pinned in the pod template.

The pin is an annotation that each pod reads as MODEL_VERSION. So every ReplicaSet keeps to one version, and `kubectl
rollout undo` brings back the model too. The chart never renders the annotation: an upgrade leaves it as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cluster.connection import WRITER, Connection, Json

PIN: Final = "recommender/model-version"
_RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
_CHANGE_CAUSE: Final = "kubernetes.io/change-cause"


@dataclass(frozen=True)
class RolloutStatus:
    """How far the newest rollout is: replicas wanted, of the new template, there at all, and available."""

    is_seen: bool
    has_failed: bool
    wanted: int
    updated: int
    present: int
    available: int

    @property
    def is_done(self) -> bool:
        """Whether all replicas are of the new template and available, and no old one is left."""
        return self.is_seen and self.wanted <= self.updated == self.present == self.available

    def __str__(self) -> str:
        return f"{self.updated} of {self.wanted} replicas are new, {self.available} of {self.present} available"


class ApiDeployment:
    """The Deployment `api` of a release."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection, self.name = connection, name

    @property
    def described(self) -> str:
        """The Deployment as messages name it."""
        return f"Deployment {self._connection.namespace}/{self.name}"

    def pin(self, version: str, cause: str) -> None:
        """Restart the replicas one after the other, each on a version; `kubectl rollout history` shows the cause."""
        annotations = {PIN: version, _RESTARTED_AT: datetime.now(UTC).isoformat(timespec="seconds")}
        patch = {
            "metadata": {"annotations": {_CHANGE_CAUSE: cause}},
            "spec": {"template": {"metadata": {"annotations": annotations}}},
        }
        self._connection.ask(
            f"restart {self.described}",
            self._connection.apps.patch_namespaced_deployment,
            self.name,
            self._connection.namespace,
            patch,
            **WRITER,
        )

    def status(self) -> RolloutStatus:
        """Look how far the rollout is, as `kubectl rollout status` does."""
        found = self._read()
        status, failed = found.get("status", {}), False
        for condition in status.get("conditions", []):
            failed |= condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded"
        seen = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
        return RolloutStatus(
            is_seen=seen,
            has_failed=seen and failed,
            wanted=found["spec"].get("replicas", 1),
            updated=status.get("updatedReplicas", 0),
            present=status.get("replicas", 0),
            available=status.get("availableReplicas", 0),
        )

    def pinned_versions(self) -> set[str]:
        """Give the versions that `kubectl rollout undo` may bring back: those of all ReplicaSets that are kept."""
        found = self._list("ReplicaSets", self._connection.apps.list_namespaced_replica_set)
        annotations = (one["spec"]["template"]["metadata"].get("annotations", {}) for one in found)
        return {one[PIN] for one in annotations if PIN in one}

    def pods(self) -> list[Json]:
        """Give the pods that are not being deleted."""
        found = self._list("pods", self._connection.core.list_namespaced_pod)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def _read(self) -> Json:
        call = self._connection.apps.read_namespaced_deployment
        return self._connection.ask(f"read {self.described}", call, self.name, self._connection.namespace)

    def _list(self, what: str, call: Callable[..., object]) -> list[Json]:
        """Give the objects that the Deployment's selector matches."""
        labels = self._read()["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        operation = f"list the {what} of {self.described}"
        return list(self._connection.ask(operation, call, self._connection.namespace, label_selector=selector)["items"])
