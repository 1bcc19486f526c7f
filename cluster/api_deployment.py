"""The API's Deployment: a rollout restart with the model version pinned in the pod template (cluster.pin)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from pydantic import SecretStr

from cluster.connection import WRITER, Connection, Json
from cluster.errors import ConflictError, SupersededError
from cluster.pin import PIN, Pin, pin_of
from cluster.replica import Replica

_RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
_CHANGE_CAUSE: Final = "kubernetes.io/change-cause"
_REVISION: Final = "deployment.kubernetes.io/revision"
# What the Deployment's controller says of the newest rollout; the first stays until another one begins.
_COMPLETE, _FAILED = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
# A Deployment that rolls changes a few times a second, by its controller's word on how far it is.
_ATTEMPTS: Final = 20
# Pods that the Deployment has replaced, such as evicted ones: they stay until somebody deletes them.
_ENDED: Final = {"Failed", "Succeeded"}


@dataclass(frozen=True)
class RolloutStatus:
    """How far the newest rollout is: replicas wanted, of the new template, there at all, and available."""

    pin: Pin
    is_seen: bool
    has_failed: bool
    was_complete: bool
    wanted: int
    updated: int
    present: int
    available: int

    @property
    def is_done(self) -> bool:
        """Whether all replicas are of the new template and available, and no old one is left."""
        return self.is_seen and self.wanted <= self.updated == self.present == self.available

    @property
    def is_over(self) -> bool:
        """Whether it came to its end, whatever became of its replicas since."""
        return self.is_done or (self.is_seen and self.was_complete and self.updated == self.present)

    def __str__(self) -> str:
        if not self.is_seen:
            return "the rollout was not seen by its controller yet"
        return f"{self.updated} of {self.wanted} replicas are new, {self.available} of {self.present} available"


class ApiDeployment:
    """The Deployment `api` of a release, whose replicas listen on a port."""

    def __init__(
        self, connection: Connection, name: str, port: int = 8000, metrics_token: SecretStr | None = None
    ) -> None:
        self._connection, self.name, self._port, self._metrics_token = connection, name, port, metrics_token

    @property
    def described(self) -> str:
        """The Deployment as messages name it."""
        return f"Deployment {self._connection.namespace}/{self.name}"

    def pin(self, version: str, cause: str) -> None:
        """Restart the replicas one after the other, each on a version; `kubectl rollout history` shows the cause."""
        self._patch(_pinned(version, _now(), cause))

    def repin(self, version: str, cause: str, instead_of: str | None) -> None:
        """As `pin`, provided that the replicas are still pinned to `instead_of`.

        Raises SupersededError where they are not.
        """
        self._patch_instead_of(instead_of, lambda: _pinned(version, _now(), cause))

    def put_back(self, version: str, cause: str, instead_of: str) -> None:
        """As `repin`, with the pod template of the newest ReplicaSet on a version, as `kubectl rollout undo` does.

        So replicas of it that are still there go on serving, and none has to be started anew. Raises SupersededError.
        """
        self._patch_instead_of(instead_of, lambda: _pinned(version, self._restarted_at(version), cause))

    def status(self) -> RolloutStatus:
        """Look how far the rollout is, as `kubectl rollout status` does."""
        found = self._read()
        status, progress = found.get("status", {}), _progress(found)
        seen = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
        return RolloutStatus(
            pin=pin_of(found),
            is_seen=seen,
            has_failed=seen and progress == _FAILED,
            was_complete=progress == _COMPLETE,
            wanted=found["spec"].get("replicas", 1),
            updated=status.get("updatedReplicas", 0),
            present=status.get("replicas", 0),
            available=status.get("availableReplicas", 0),
        )

    def pinned_versions(self) -> set[str]:
        """Give the versions that `kubectl rollout undo` may bring back: those of all ReplicaSets that are kept."""
        return {annotations[PIN] for annotations in self._templates() if PIN in annotations}

    def pods(self) -> list[Json]:
        """Give the pods that have not ended and are not being deleted."""
        found = self._list("pods", self._connection.core.list_namespaced_pod)
        there = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
        return [pod for pod in there if pod.get("status", {}).get("phase") not in _ENDED]

    def replicas(self) -> list[Replica]:
        """Give the same pods as what can be asked."""
        return [Replica.of(pod, self._port, self._metrics_token) for pod in self.pods()]

    def _restarted_at(self, version: str) -> str | None:
        """Give when the newest ReplicaSet on a version was begun, None where no restart began it."""
        annotations = next((one for one in self._templates() if one.get(PIN) == version), None)
        return _now() if annotations is None else annotations.get(_RESTARTED_AT)

    def _templates(self) -> list[dict[str, str]]:
        """Give the annotations of the ReplicaSets' pod templates, the newest ReplicaSet's first."""
        found = self._list("ReplicaSets", self._connection.apps.list_namespaced_replica_set)
        found.sort(key=_revision, reverse=True)
        return [one["spec"]["template"]["metadata"].get("annotations", {}) for one in found]

    def _patch_instead_of(self, pinned: str | None, patch: Callable[[], Json]) -> None:
        for _ in range(_ATTEMPTS):
            found = self._read()
            if pin_of(found).version != pinned:
                raise superseded(self.described, pinned, pin_of(found))
            seen = {"resourceVersion": found["metadata"]["resourceVersion"]}
            try:
                self._patch(_with_metadata(patch(), seen))
            except ConflictError:
                continue
            return
        raise ConflictError(f"cannot restart {self.described}: it is being changed without pause")

    def _patch(self, patch: Json) -> None:
        call, namespace = self._connection.apps.patch_namespaced_deployment, self._connection.namespace
        self._connection.ask(f"restart {self.described}", call, self.name, namespace, patch, **WRITER)

    def _read(self) -> Json:
        call = self._connection.apps.read_namespaced_deployment
        return self._connection.ask(f"read {self.described}", call, self.name, self._connection.namespace)

    def _list(self, what: str, call: Callable[..., object]) -> list[Json]:
        """Give the objects that the Deployment's selector matches."""
        operation, namespace = f"list the {what} of {self.described}", self._connection.namespace
        return list(self._connection.ask(operation, call, namespace, label_selector=self._selector)["items"])

    @cached_property
    def _selector(self) -> str:
        """The labels of the pods, which never change."""
        labels = self._read()["spec"]["selector"]["matchLabels"]
        return ",".join(f"{name}={value}" for name, value in labels.items())


def _progress(deployment: Json) -> str | None:
    conditions = deployment.get("status", {}).get("conditions", [])
    return next((one.get("reason") for one in conditions if one["type"] == "Progressing"), None)


def superseded(described: str, expected: str | None, found: Pin) -> SupersededError:
    """Say that somebody else changed the pin."""
    return SupersededError(
        f"{found.changed_by or 'somebody'} pinned {described} to {found.version or 'no version'}, no longer to "
        f"{expected or 'none'}: this process leaves it so",
        hint="The version that was chosen meanwhile is the one in service",
    )


def _pinned(version: str, restarted_at: str | None, cause: str) -> Json:
    annotations = {PIN: version, _RESTARTED_AT: restarted_at}
    return {
        "metadata": {"annotations": {_CHANGE_CAUSE: cause}},
        "spec": {"template": {"metadata": {"annotations": annotations}}},
    }


def _with_metadata(patch: Json, metadata: Json) -> Json:
    return {**patch, "metadata": {**patch["metadata"], **metadata}}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _revision(replica_set: Json) -> int:
    return int(replica_set["metadata"].get("annotations", {}).get(_REVISION, 0))
