"""Jobs made of the trainer's CronJob, as `kubectl create job --from=cronjob/trainer` makes them, and how they go."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cluster.connection import WRITER, Connection, Json
from cluster.cronjob import read_cronjob, reference_to
from cluster.errors import NotInClusterError
from cluster.settings import LEADING_INDEX
from cluster.termination import Termination, read_termination

if TYPE_CHECKING:
    from kubernetes import client

_MANUAL: Final = {"cronjob.kubernetes.io/instantiate": "manual"}
_LONGEST_NAME: Final = 63
_INDEX: Final = "batch.kubernetes.io/job-completion-index"
_LEADING: Final = str(LEADING_INDEX)
_OUT_OF_MEMORY: Final = (
    "the trainer was killed for want of memory: raise trainer.resources.limits.memory in values.yaml"
)


@dataclass(frozen=True)
class JobReport:
    """How a Job goes, or went: `succeeded` is None until it has ended."""

    name: str
    succeeded: bool | None
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    said: Termination
    waits_for: list[str]


class TrainingJobs:
    """The Jobs of one CronJob."""

    def __init__(self, connection: Connection, cronjob: str) -> None:
        self._connection, self._cronjob = connection, cronjob

    def new_name(self, suffix: str | None = None) -> str:
        """Give a name for a Job that ends with the suffix, by default with one that nobody has used."""
        ending = suffix or f"manual-{uuid.uuid4().hex[:8]}"
        return f"{self._cronjob[: _LONGEST_NAME - len(ending) - 1]}-{ending}"

    def start(self, name: str) -> None:
        """Make a Job.

        Raises ConflictError where there is a Job of this name, NotInClusterError where there is no such CronJob.
        """
        cronjob = read_cronjob(self._connection, self._cronjob)
        operation = f"create Job {self._namespace}/{name}"
        self._connection.ask(
            operation, self._batch.create_namespaced_job, self._namespace, _job(name, cronjob), **WRITER
        )

    def under_way(self) -> str | None:
        """Give the name of a Job that has not ended, the newest one, whoever made it."""
        found = self._connection.ask(
            f"list the Jobs of {self._described}", self._batch.list_namespaced_job, self._namespace
        )
        running = [job["metadata"] for job in found["items"] if self._is_ours(job) and _succeeded(job) is None]
        newest = max(running, key=lambda metadata: str(metadata["creationTimestamp"]), default=None)
        return None if newest is None else str(newest["name"])

    def describe(self, name: str) -> JobReport | None:
        """Tell how a Job goes, None where the CronJob has no such Job."""
        try:
            job = self._connection.ask(
                f"read Job {self._namespace}/{name}", self._batch.read_namespaced_job, name, self._namespace
            )
        except NotInClusterError:
            return None
        return _report(job, self._pods(name)) if self._is_ours(job) else None

    @property
    def _described(self) -> str:
        return f"CronJob {self._namespace}/{self._cronjob}"

    @property
    def _batch(self) -> "client.BatchV1Api":
        return self._connection.batch

    @property
    def _namespace(self) -> str:
        return self._connection.namespace

    def _pods(self, job: str) -> list[Json]:
        """Give a Job's pods, oldest first; of one whose pods are numbered, those that lead."""
        found = self._connection.ask(
            f"list the pods of Job {self._namespace}/{job}",
            self._connection.core.list_namespaced_pod,
            self._namespace,
            label_selector=f"batch.kubernetes.io/job-name={job}",
        )
        leading = [pod for pod in found["items"] if pod["metadata"]["labels"].get(_INDEX, _LEADING) == _LEADING]
        return sorted(leading, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))

    def _is_ours(self, job: Json) -> bool:
        owners = job["metadata"].get("ownerReferences", [])
        return any(owner["kind"] == "CronJob" and owner["name"] == self._cronjob for owner in owners)


def _report(job: Json, pods: list[Json]) -> JobReport:
    succeeded = _succeeded(job)
    ended = next((state for pod in reversed(pods) for state in _terminated(pod)), {})
    return JobReport(
        name=job["metadata"]["name"],
        succeeded=succeeded,
        started_at=_time(job["status"].get("startTime") or job["metadata"]["creationTimestamp"]),
        finished_at=_finished_at(job),
        exit_code=None if succeeded is None else ended.get("exitCode"),
        said=_said(job, ended),
        waits_for=[_in_words(state) for pod in pods for state in _waiting(pod)],
    )


def _job(name: str, cronjob: Json) -> Json:
    template = cronjob["spec"]["jobTemplate"]
    metadata = template.get("metadata", {})
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": metadata.get("labels", {}),
            "annotations": {**metadata.get("annotations", {}), **_MANUAL},
            "ownerReferences": [{**reference_to(cronjob), "controller": True}],
        },
        "spec": template["spec"],
    }


def _condition(job: Json, kind: str) -> Json | None:
    conditions = job["status"].get("conditions", [])
    return next((one for one in conditions if one["type"] == kind and one["status"] == "True"), None)


def _succeeded(job: Json) -> bool | None:
    if _condition(job, "Complete"):
        return True
    return False if _condition(job, "Failed") else None


def _finished_at(job: Json) -> datetime | None:
    ended = _condition(job, "Failed") or _condition(job, "Complete")
    return _time(ended["lastTransitionTime"]) if ended else None


def _said(job: Json, ended: Json) -> Termination:
    """Give what the trainer left behind; of one that was killed, what Kubernetes says of it."""
    if ended.get("reason") == "OOMKilled":
        return Termination(error=_OUT_OF_MEMORY)
    said = read_termination(ended.get("message"))
    failed = _condition(job, "Failed")
    if failed and not said.error:
        return Termination(outcome=said.outcome, version=said.version, error=failed.get("message", failed["reason"]))
    return said


def _terminated(pod: Json) -> Iterator[Json]:
    """Give how the pod's containers ended."""
    return _states_of(pod.get("status", {}).get("containerStatuses", []), "terminated")


def _waiting(pod: Json) -> Iterator[Json]:
    """Give what keeps the pod's containers from running; that others have to end first does not count."""
    status = pod.get("status", {})
    containers = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    return (state for state in _states_of(containers, "waiting") if state.get("reason") != "PodInitializing")


def _states_of(containers: list[Json], kind: str) -> Iterator[Json]:
    return (container["state"][kind] for container in containers if kind in container.get("state", {}))


def _in_words(waiting: Json) -> str:
    return " ".join(filter(None, [waiting.get("reason"), waiting.get("message")]))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
