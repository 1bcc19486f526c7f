"""Jobs made of the CronJob, and what can be told of them."""

import json

import pytest

from cluster.errors import ConflictError, NotInClusterError
from cluster.jobs import TrainingJobs
from cluster.termination import Termination
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.release import Json, Release


@pytest.fixture
def jobs(release: Release) -> TrainingJobs:
    return TrainingJobs(release.connection, "trainer")


def started(jobs: TrainingJobs) -> str:
    name = jobs.new_name()
    jobs.start(name)
    return name


def comparable(job: Json) -> Json:
    """Leave out what is a Job's own: its name, times and ids."""
    metadata = {name: job["metadata"][name] for name in ("labels", "annotations", "ownerReferences")}
    template = {**job["spec"]["template"]}
    own = ("controller-uid", "job-name")
    template["metadata"] = {
        "labels": {name: value for name, value in template["metadata"]["labels"].items() if not name.endswith(own)}
    }
    metadata["labels"] = {name: value for name, value in metadata["labels"].items() if not name.endswith(own)}
    return {**metadata, "spec": {**job["spec"], "template": template, "selector": None}}


def test_job_is_the_one_that_kubectl_makes(control_plane: ControlPlane, release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    assert name.startswith("trainer-manual-")
    in_namespace = f"--namespace={release.namespace}"
    kubectl(control_plane.site, "create", "job", "--from=cronjob/trainer", "by-hand", in_namespace)
    ours, kubectls = (comparable(release.read("batch", "job", each)) for each in (name, "by-hand"))
    assert ours == kubectls
    assert ours["annotations"] == {"team": "search", "cronjob.kubernetes.io/instantiate": "manual"}


def test_named_job_is_made_once(release: Release, jobs: TrainingJobs) -> None:
    assert jobs.new_name("first") == "trainer-first"
    jobs.start("trainer-first")
    with pytest.raises(ConflictError, match=r'create Job .*/trainer-first: .* "trainer-first" already exists'):
        jobs.start("trainer-first")
    assert release.jobs() == ["trainer-first"]


def test_long_name_is_shortened_to_what_kubernetes_takes(release: Release) -> None:
    cronjob = release.read("batch", "cron_job", "trainer")
    release.create("batch", "cron_job", {"metadata": {"name": "t" * 52}, "spec": cronjob["spec"]})
    assert len(started(TrainingJobs(release.connection, "t" * 52))) == 63


def test_missing_cronjob_is_named(release: Release) -> None:
    with pytest.raises(NotInClusterError, match='"no-such" not found'):
        started(TrainingJobs(release.connection, "no-such"))


def test_job_is_under_way_until_it_ends(release: Release, jobs: TrainingJobs) -> None:
    assert jobs.under_way() is None
    name = started(jobs)
    assert jobs.under_way() == name
    release.end_job(name, succeeded=True)
    assert jobs.under_way() is None


def test_jobs_of_others_are_not_the_trainers(release: Release, jobs: TrainingJobs) -> None:
    job = release.read("batch", "cron_job", "trainer")["spec"]["jobTemplate"]["spec"]
    release.create("batch", "job", {"metadata": {"name": "backup"}, "spec": job})
    assert jobs.under_way() is None
    assert jobs.describe("backup") is None
    assert jobs.describe("no-such") is None


def test_job_that_waits_says_for_what(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    release.add_pod_of_job(name, {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}})
    report = jobs.describe(name)
    assert report
    assert (report.succeeded, report.finished_at, report.exit_code) == (None, None, None)
    assert report.waits_for == ["ImagePullBackOff no such image"]


def test_job_that_succeeded_tells_what_the_trainer_left_behind(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    left = json.dumps({"outcome": "promoted", "version": "20250105T020000Z-1f3c9a2e", "error": None})
    release.add_pod_of_job(name, {"terminated": {"exitCode": 0, "reason": "Completed", "message": left}})
    release.end_job(name, succeeded=True)
    report = jobs.describe(name)
    assert report
    assert (report.succeeded, report.exit_code) == (True, 0)
    assert report.finished_at is not None
    assert report.finished_at >= report.started_at
    assert report.said == Termination("promoted", "20250105T020000Z-1f3c9a2e")


def test_trainer_that_was_too_large_is_told_in_words(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    release.add_pod_of_job(name, {"terminated": {"exitCode": 137, "reason": "OOMKilled"}})
    release.end_job(name, succeeded=False, message="matched FailJob rule")
    report = jobs.describe(name)
    assert report
    assert (report.succeeded, report.exit_code) == (False, 137)
    assert "raise trainer.resources.limits.memory" in str(report.said.error)


def test_job_that_ended_without_a_word_is_told_in_kubernetes_own(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    release.end_job(name, succeeded=False, message="Job was active longer than specified deadline")
    report = jobs.describe(name)
    assert report
    assert report.said.error == "Job was active longer than specified deadline"


def test_of_a_job_with_workers_the_leading_pod_tells_how_it_went(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    left = json.dumps({"outcome": "rejected", "version": "20250105T020000Z-1f3c9a2e", "error": None})
    release.add_pod_of_job(name, {"terminated": {"exitCode": 0, "message": left}}, index=0)
    release.add_pod_of_job(name, {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, index=1)
    release.end_job(name, succeeded=True)
    report = jobs.describe(name)
    assert report
    assert (report.exit_code, report.said) == (0, Termination("rejected", "20250105T020000Z-1f3c9a2e"))


def test_pod_that_waits_for_its_first_container_says_for_what(release: Release, jobs: TrainingJobs) -> None:
    name = started(jobs)
    initializing, pulling = {"reason": "PodInitializing"}, {"reason": "ImagePullBackOff", "message": "no such image"}
    release.add_pod_of_job(name, {"waiting": initializing}, index=0, init={"waiting": pulling})
    report = jobs.describe(name)
    assert report
    assert report.waits_for == ["ImagePullBackOff no such image"]
