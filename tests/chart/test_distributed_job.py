"""What Kubernetes' own Job controller makes of the chart's Job with workers, whatever becomes of its pods.

What a node would do with the pods, a test says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from cluster.connection import connect
from cluster.own_job import OwnJob
from runtime.errors import Exit
from tests.chart.conftest import Render
from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.kubernetes.fixtures import settings
from tests.kubernetes.release import Json, Release
from tests.parts.fixtures import announce_builds, had

OUT_OF_MEMORY = 137
INDEX = "batch.kubernetes.io/job-completion-index"


@pytest.fixture(scope="module")
def job_plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """Give a running API server whose Jobs make pods."""
    announce_builds(request, "etcd", "kubernetes")
    with ExitStack() as stack:
        yield had(running_control_plane(["job-controller"]), stack)


class JobWithWorkers:
    """A Job of the chart with two workers, and the ways to end its pods."""

    def __init__(self, release: Release, spec: Json) -> None:
        self.release = release
        release.create("batch", "job", {"metadata": {"name": "trainer-1"}, "spec": spec})
        self.job = OwnJob.find(release.connection, "trainer-1")
        self.until(lambda: sorted(self.running()) == [0, 1, 2])

    def pods(self) -> list[Json]:
        call = self.release.connection.core.list_namespaced_pod
        return list(self.release.connection.ask("list pods", call, self.release.namespace)["items"])

    def running(self) -> dict[int, str]:
        """Give the pods that have not ended, by index."""
        going = [pod for pod in self.pods() if pod["status"]["phase"] in {"Pending", "Running"}]
        return {
            int(pod["metadata"]["annotations"][INDEX]): pod["metadata"]["name"]
            for pod in going
            if "deletionTimestamp" not in pod["metadata"]
        }

    def end(self, index: int, container: str, exit_code: int) -> None:
        """Have a container of a pod end, and the pod with it; wait until the controller has seen it."""
        name = self.running()[index]
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        ended = {"exitCode": exit_code, "reason": "Ended", "startedAt": now, "finishedAt": now}
        told = {"name": container, "image": "none", "imageID": "", "ready": False, "restartCount": 0}
        kind = "initContainerStatuses" if container == "worker" else "containerStatuses"
        phase = "Failed" if exit_code else "Succeeded"
        self._say(name, {"phase": phase, kind: [{**told, "state": {"terminated": ended}}]})
        self.until(lambda: self.running().get(index) != name)

    def lose_node(self, index: int) -> None:
        """Have a pod evicted."""
        name = self.running()[index]
        condition = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
        self._say(name, {"phase": "Failed", "conditions": [condition]})
        self.until(lambda: self.running().get(index) != name)

    def status(self) -> Json:
        return dict(self.release.read("batch", "job", "trainer-1")["status"])

    def outcome(self) -> tuple[str, str]:
        """Give the condition that the Job ended with, and its reason."""
        self.until(lambda: bool(self._ended()))
        return self._ended()[0]["type"], self._ended()[0]["reason"]

    def is_over(self) -> bool:
        return self.job.is_over(self.release.connection)

    def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"{self.status()}"
            time.sleep(0.1)

    def _ended(self) -> list[Json]:
        return [one for one in self.status().get("conditions", []) if one["type"] in {"Complete", "Failed"}]

    def _say(self, pod: str, status: Json) -> None:
        call = self.release.connection.core.patch_namespaced_pod_status
        self.release.connection.ask("write a pod's status", call, pod, self.release.namespace, {"status": status})


@pytest.fixture
def start(job_plane: ControlPlane, render: Render) -> Callable[[int], JobWithWorkers]:
    """Give a function that starts a Job whose pods are tried again so often."""

    def start(retries: int) -> JobWithWorkers:
        namespace = job_plane.new_namespace()
        job_plane.create_service_account(namespace, "trainer")
        rendered = render({"trainer": {"distributed": {"workers": 2}, "backoffLimit": retries}})
        spec = rendered.get("CronJob", "trainer")["spec"]["jobTemplate"]["spec"]
        return JobWithWorkers(Release(connect(settings(namespace, job_plane.admin))), spec)

    return start


@pytest.fixture
def job(start: Callable[[int], JobWithWorkers]) -> JobWithWorkers:
    """Give a Job whose pods are never tried again, but for those that lose their node."""
    return start(0)


@pytest.fixture
def patient(start: Callable[[int], JobWithWorkers]) -> JobWithWorkers:
    """Give a Job whose pods are tried again once."""
    return start(1)


def test_pods_know_their_number_and_the_leading_one_by_name(job: JobWithWorkers) -> None:
    for pod in job.pods():
        index = pod["metadata"]["annotations"][INDEX]
        assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == (f"trainer-1-{index}", "trainer-workers")
        assert pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] == "trainer-1"


def test_run_is_done_when_its_leading_pod_is(job: JobWithWorkers) -> None:
    job.end(0, "trainer", Exit.DONE)
    job.until(job.is_over)
    assert job.outcome() == ("Complete", "SuccessPolicy")
    assert job.running() == {}, "workers that did not hear that they are done are ended"


def test_workers_that_end_well_leave_the_run_to_its_leading_pod(job: JobWithWorkers) -> None:
    job.end(1, "trainer", Exit.DONE)
    job.end(2, "trainer", Exit.DONE)
    assert not job.is_over()
    job.end(0, "trainer", Exit.DONE)
    assert job.outcome() == ("Complete", "SuccessPolicy")


def test_worker_that_fails_for_good_does_not_fail_the_run(job: JobWithWorkers) -> None:
    job.end(1, "worker", Exit.TRY_AGAIN)
    job.until(lambda: job.status().get("failedIndexes") == "1")
    assert sorted(job.running()) == [0, 2]
    assert not job.is_over()
    job.end(0, "trainer", Exit.DONE)
    assert job.outcome() == ("Complete", "SuccessPolicy")


def test_worker_without_memory_is_made_again(patient: JobWithWorkers) -> None:
    patient.end(1, "worker", OUT_OF_MEMORY)
    patient.until(lambda: sorted(patient.running()) == [0, 1, 2])


@pytest.mark.parametrize("exit_code", [Exit.BAD_SETTINGS, Exit.BAD_DATA, Exit.ROLLED_BACK, OUT_OF_MEMORY])
def test_run_that_no_retry_helps_ends_at_once_with_all_its_pods(job: JobWithWorkers, exit_code: int) -> None:
    job.end(0, "trainer", exit_code)
    assert job.outcome() == ("Failed", "PodFailurePolicy")
    assert job.running() == {}


def test_workers_with_bad_settings_end_the_run(job: JobWithWorkers) -> None:
    job.end(2, "worker", Exit.BAD_SETTINGS)
    assert job.outcome() == ("Failed", "PodFailurePolicy")


def test_leading_pod_is_made_again_while_workers_wait(patient: JobWithWorkers) -> None:
    workers = {index: patient.running()[index] for index in (1, 2)}
    patient.end(0, "trainer", Exit.TRY_AGAIN)
    patient.until(lambda: sorted(patient.running()) == [0, 1, 2])
    assert {index: patient.running()[index] for index in (1, 2)} == workers
    assert not patient.is_over()


def test_run_ends_once_its_leading_pod_has_failed_for_good(job: JobWithWorkers) -> None:
    job.end(0, "trainer", Exit.TRY_AGAIN)
    job.until(job.is_over)
    assert sorted(job.running()) == [1, 2], "which see that it is over, and end well"
    job.end(1, "trainer", Exit.DONE)
    job.end(2, "trainer", Exit.DONE)
    assert job.outcome() == ("Failed", "FailedIndexes")


def test_pods_that_lose_their_node_are_made_again_and_not_counted(job: JobWithWorkers) -> None:
    for index in (0, 1):
        job.lose_node(index)
    job.until(lambda: sorted(job.running()) == [0, 1, 2])
    job.end(0, "trainer", Exit.DONE)
    assert job.outcome() == ("Complete", "SuccessPolicy")
