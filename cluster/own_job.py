"""The Job that a pod is of, as the pod's own processes see it."""

import re
from dataclasses import dataclass
from typing import Final, Self

from cluster.connection import Connection, Json
from cluster.errors import NotInClusterError
from cluster.settings import LEADING_INDEX

# The first condition comes while pods still end, the second when all have.
_ENDED: Final = {"SuccessCriteriaMet", "Complete", "FailureTarget", "Failed"}


@dataclass(frozen=True)
class OwnJob:
    """A Job's name and uid: a Job that was deleted and made anew under its name is another."""

    name: str
    uid: str

    @classmethod
    def find(cls, connection: Connection, name: str | None) -> Self:
        """Find the Job that this pod is of by the name that the pod's labels tell.

        Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError.
        """
        if name is None:
            raise NotInClusterError(
                "JOB_NAME is not set: this process is in no pod of a Job",
                hint="The chart sets it where trainer.distributed.workers is above 0",
            )
        return cls(name, _read(connection, name)["metadata"]["uid"])

    def reference(self) -> Json:
        """Give what another object says to be deleted with the Job."""
        return {"apiVersion": "batch/v1", "kind": "Job", "name": self.name, "uid": self.uid}

    def owns(self, thing: Json) -> bool:
        """Whether an object names this Job as an owner."""
        return any(owner["uid"] == self.uid for owner in thing["metadata"].get("ownerReferences", []))

    def is_over(self, connection: Connection) -> bool:
        """Whether the Job has ended, or is gone, or its leading pod will not be made again.

        Raises ClusterRefusedError, ClusterUnavailableError.
        """
        try:
            job = _read(connection, self.name)
        except NotInClusterError:
            return True
        return job["metadata"]["uid"] != self.uid or _has_ended(job.get("status", {}))


def _read(connection: Connection, name: str) -> Json:
    namespace = connection.namespace
    return connection.ask(f"read Job {namespace}/{name}", connection.batch.read_namespaced_job, name, namespace)


def _has_ended(status: Json) -> bool:
    conditions = {one["type"] for one in status.get("conditions", []) if one["status"] == "True"}
    indexes = (status.get("completedIndexes"), status.get("failedIndexes"))
    return bool(conditions & _ENDED) or any(_holds_leading(one or "") for one in indexes)


def _holds_leading(indexes: str) -> bool:
    """Whether the leading index is among some that Kubernetes writes such as `0,3-5`."""
    return bool(re.match(rf"{LEADING_INDEX}\b", indexes))
