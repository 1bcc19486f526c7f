"""The objects of a release as far as trainer and API touch them, and what controllers and the kubelet say of them.

No controller runs on the tests' API server: what becomes of an object is what a test writes into its status.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Any

from cluster.connection import Connection
from cluster.pin import PIN

Json = dict[str, Any]
LABELS = {"app": "api"}
_CONTAINER: Json = {"name": "main", "image": "none"}


class Release:
    """The Deployment `api` and the CronJob `trainer` in a namespace, as the cluster's administrator sees them."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.namespace = connection, connection.namespace
        self.create("apps", "deployment", _deployment())
        self.create("batch", "cron_job", _cronjob())

    def create(self, group: str, kind: str, manifest: Json) -> Json:
        call = getattr(getattr(self.connection, group), f"create_namespaced_{kind}")
        return self.connection.ask(f"create a {kind}", call, self.namespace, manifest)

    def read(self, group: str, kind: str, name: str) -> Json:
        call = getattr(getattr(self.connection, group), f"read_namespaced_{kind}")
        return self.connection.ask(f"read a {kind}", call, name, self.namespace)

    def events(self) -> list[Json]:
        call = self.connection.core.list_namespaced_event
        return list(self.connection.ask("list Events", call, self.namespace)["items"])

    def jobs(self) -> list[str]:
        found = self.connection.ask("list Jobs", self.connection.batch.list_namespaced_job, self.namespace)
        return [job["metadata"]["name"] for job in found["items"]]

    def add_replica_set(self, name: str, annotations: dict[str, str], labels: dict[str, str] | None = None) -> None:
        labels = LABELS if labels is None else labels
        template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"containers": [_CONTAINER]}}
        spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
        self.create("apps", "replica_set", {"metadata": {"name": name, "labels": labels}, "spec": spec})

    def add_pod(self, name: str, status: Json, labels: dict[str, str] | None = None) -> None:
        """Make a pod, and say what the kubelet says of it."""
        labels = LABELS if labels is None else labels
        spec = {"containers": [_CONTAINER]}
        self.create("core", "pod", {"metadata": {"name": name, "labels": labels}, "spec": spec})
        self._say("core", "pod", name, status)

    def say_rollout(self, **status: object) -> None:
        """Say how far the API's rollout is, of the Deployment as it is now."""
        generation = self.read("apps", "deployment", "api")["metadata"]["generation"]
        self._say("apps", "deployment", "api", {"observedGeneration": generation, **status})

    def template_annotations(self) -> dict[str, str]:
        template = self.read("apps", "deployment", "api")["spec"]["template"]
        return dict(template["metadata"].get("annotations", {}))

    def scale(self, replicas: int) -> None:
        call = self.connection.apps.patch_namespaced_deployment
        self.connection.ask("scale", call, "api", self.namespace, {"spec": {"replicas": replicas}})

    def roll_out_when_pinned(self, **status: object) -> None:
        """Wait, beside the test, for the pin, and say then how far the rollout is."""

        def work() -> None:
            while PIN not in self.template_annotations():
                time.sleep(0.02)
            self.say_rollout(**status)

        threading.Thread(target=work, daemon=True).start()

    def end_job(self, name: str, *, succeeded: bool, message: str = "") -> None:
        """Say that a Job has ended, as the Job controller does: in two steps."""
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        first, last = ("SuccessCriteriaMet", "Complete") if succeeded else ("FailureTarget", "Failed")
        conditions = [
            {"type": kind, "status": "True", "reason": "Ended", "message": message, "lastTransitionTime": now}
            for kind in (first, last)
        ]
        counts = {"succeeded": 1} if succeeded else {"failed": 1}
        ended = {"completionTime": now} if succeeded else {}
        uncounted: Json = {"uncountedTerminatedPods": {}}
        started = {"startTime": now, "conditions": conditions[:1], **uncounted}
        self._say("batch", "job", name, started)
        self._say("batch", "job", name, {"conditions": conditions, **counts, **ended})

    def add_pod_of_job(self, name: str, state: Json, index: int | None = None, init: Json | None = None) -> None:
        """Make a pod of a Job whose container, and whose init container, are in the given states."""
        labels = {"batch.kubernetes.io/job-name": name}
        if index is not None:
            labels["batch.kubernetes.io/job-completion-index"] = str(index)
        status = {"containerStatuses": [_container_status(state)]}
        if init is not None:
            status["initContainerStatuses"] = [_container_status(init)]
        self.add_pod(f"{name}-{'pod' if index is None else index}", status, labels)

    def say_of_job(self, name: str, status: Json) -> None:
        """Write some of a Job's status."""
        self._say("batch", "job", name, status)

    def _say(self, group: str, kind: str, name: str, status: Json) -> None:
        call = getattr(getattr(self.connection, group), f"patch_namespaced_{kind}_status")
        self.connection.ask(f"write the status of a {kind}", call, name, self.namespace, {"status": status})


def _container_status(state: Json) -> Json:
    return {"name": "main", "image": "none", "imageID": "", "ready": False, "restartCount": 0, "state": state}


def _deployment() -> Json:
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [_CONTAINER]}}
    spec = {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": template}
    return {"metadata": {"name": "api"}, "spec": spec}


def _cronjob() -> Json:
    pod = {"containers": [_CONTAINER], "restartPolicy": "Never"}
    job = {
        "metadata": {"labels": {"shop": "ours"}, "annotations": {"team": "search"}},
        "spec": {"backoffLimit": 2, "template": {"metadata": {"labels": LABELS}, "spec": pod}},
    }
    return {"metadata": {"name": "trainer"}, "spec": {"schedule": "0 2 * * *", "jobTemplate": job}}
