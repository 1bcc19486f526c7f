"""The Job that a pod is of, and whether it is over."""

import pytest

from cluster.connection import Connection
from cluster.errors import ClusterRefusedError, NotInClusterError
from cluster.jobs import TrainingJobs
from cluster.own_job import OwnJob
from tests.kubernetes.release import Json, Release


@pytest.fixture
def job(release: Release) -> OwnJob:
    TrainingJobs(release.connection, "trainer").start("trainer-1")
    return OwnJob.find(release.connection, "trainer-1")


def test_pod_finds_its_job(release: Release, job: OwnJob) -> None:
    found = release.read("batch", "job", "trainer-1")
    assert job == OwnJob("trainer-1", found["metadata"]["uid"])


def test_process_outside_of_a_job_is_told_what_is_missing(release: Release) -> None:
    with pytest.raises(NotInClusterError, match=r"JOB_NAME is not set.* The chart sets it where .*workers is above 0"):
        OwnJob.find(release.connection, None)


def test_job_that_is_not_there_is_named(release: Release) -> None:
    with pytest.raises(NotInClusterError, match=r'read Job .*/trainer-2: .* "trainer-2" not found'):
        OwnJob.find(release.connection, "trainer-2")


def test_pod_without_the_right_to_see_its_job_says_so(without_rights: Connection) -> None:
    with pytest.raises(ClusterRefusedError, match=r"read Job .* is forbidden"):
        OwnJob.find(without_rights, "trainer-1")


@pytest.fixture
def indexed(release: Release) -> OwnJob:
    cronjob = release.read("batch", "cron_job", "trainer")["spec"]["jobTemplate"]["spec"]
    spec = {**cronjob, "completionMode": "Indexed", "completions": 30, "parallelism": 30, "backoffLimitPerIndex": 1}
    release.create("batch", "job", {"metadata": {"name": "trainer-1"}, "spec": spec})
    return OwnJob.find(release.connection, "trainer-1")


STARTED: Json = {"startTime": "2025-01-05T02:00:00Z", "uncountedTerminatedPods": {}}


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"active": 3},
        {"failed": 2},
        {"completedIndexes": "1,3-5", "succeeded": 4},
        {"failedIndexes": "10,20", "failed": 2},
    ],
    ids=str,
)
def test_job_goes_on_while_its_leading_pod_may_be_made_again(release: Release, indexed: OwnJob, status: Json) -> None:
    release.say_of_job("trainer-1", {**STARTED, **status})
    assert not indexed.is_over(release.connection)


@pytest.mark.parametrize(
    "status",
    [
        {"completedIndexes": "0", "succeeded": 1},
        {"completedIndexes": "0-2", "succeeded": 3},
        {"failedIndexes": "0", "failed": 1},
        {"failedIndexes": "0,2", "failed": 2},
        {"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}]},
        {"conditions": [{"type": "FailureTarget", "status": "True", "reason": "PodFailurePolicy"}]},
    ],
    ids=str,
)
def test_job_is_over_when_its_leading_pod_has_ended_for_good(release: Release, indexed: OwnJob, status: Json) -> None:
    release.say_of_job("trainer-1", {**STARTED, **status})
    assert indexed.is_over(release.connection)


def test_job_that_is_gone_is_over(release: Release, job: OwnJob) -> None:
    delete(release, job)
    assert job.is_over(release.connection)


def test_another_job_of_the_same_name_is_another(release: Release, job: OwnJob) -> None:
    delete(release, job)
    TrainingJobs(release.connection, "trainer").start("trainer-1")
    assert job.is_over(release.connection)


def delete(release: Release, job: OwnJob) -> None:
    call = release.connection.batch.delete_namespaced_job
    release.connection.ask("delete a Job", call, job.name, release.namespace, propagation_policy="Background")
