"""Pods of a Job as Kubernetes starts them: processes of `python -m trainer` beside a real API server."""

import os
import time
from pathlib import Path

import pytest

from cluster.jobs import TrainingJobs
from runtime.errors import TryAgainError
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release
from tests.trainer.distributed.runs import RunHere
from tests.trainer.running import assert_one_clear_line, train
from trainer.distributed.job import cluster_of_job
from trainer.distributed.settings import DistributedSettings

JOB = "trainer-1"


@pytest.fixture
def pods(run_here: RunHere, release: Release, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> RunHere:
    """Give a Job's pods, all of them on this machine; the environment is as the chart sets it."""
    TrainingJobs(release.connection, "trainer").start(JOB)
    monkeypatch.setenv("CLUSTER_NAMESPACE", release.namespace)
    monkeypatch.setenv("KUBECONFIG", str(control_plane.admin))
    return run_here


def add_worker(pods: RunHere, **environment: str) -> None:
    pods.add_command("trainer", "worker", **environment)


def settings(pods: RunHere, **changed: object) -> DistributedSettings:
    return pods.settings(dask="job", **changed)


def test_leading_pod_and_workers_find_one_another(pods: RunHere, release: Release) -> None:
    add_worker(pods)
    add_worker(pods)
    with cluster_of_job(settings(pods)) as client:
        client.wait_for_workers(2, timeout=30)
        done = client.gather([client.submit(_pid_after, 0.3, pure=False) for _ in range(4)])
    assert set(done) == {worker.pid for worker in pods.workers}
    assert pods.ended() == [0, 0]
    (owner,) = release.read("core", "secret", "trainer-dask")["metadata"]["ownerReferences"]
    assert owner["name"] == JOB


def test_workers_work_for_the_leading_pod_that_takes_the_place_of_one_that_failed(pods: RunHere) -> None:
    add_worker(pods)
    with pytest.raises(TryAgainError, match="the database is away"):
        _lead_and_fail(settings(pods))
    with cluster_of_job(settings(pods)) as client:
        assert client.submit(os.getpid).result() == pods.workers[0].pid
    assert pods.ended() == [0]


def test_workers_end_well_at_once_when_nobody_will_lead_any_more(pods: RunHere, release: Release) -> None:
    add_worker(pods, DASK_WAIT_SECONDS="120")
    time.sleep(3)
    release.end_job(JOB, succeeded=False, message="Job has failed indexes")
    assert pods.ended(15) == [0]
    assert pods.logs == ["The run is over"]


def test_run_that_nobody_works_for_is_to_be_tried_again(pods: RunHere) -> None:
    with pytest.raises(TryAgainError, match=r"no worker came within 1 s .*kubectl get pods --selector .*=trainer-1`"):
        _lead(settings(pods, dask_wait_seconds=1))


def test_worker_outside_of_a_job_is_told_what_is_missing(pods: RunHere) -> None:
    add_worker(pods, JOB_NAME="")
    assert pods.ended() == [64]
    (line,) = pods.logs
    assert line.startswith("ERROR: JOB_NAME is not set: this process is in no pod of a Job")


@pytest.mark.parametrize("empty", [{}, {"JOB_NAME": "", "JOB_COMPLETION_INDEX": ""}])
def test_worker_that_nobody_started_for_a_run_is_told_how_workers_are_had(empty: dict[str, str]) -> None:
    missing, remedy = "JOB_NAME and JOB_COMPLETION_INDEX are not set", ("distributed.workers", "--dask local")
    assert_one_clear_line(train("worker", **empty), 64, missing, *remedy)


@pytest.mark.parametrize("told", [{"JOB_COMPLETION_INDEX": "0"}, {"JOB_NAME": JOB, "JOB_COMPLETION_INDEX": "0"}])
def test_worker_has_nothing_to_do_in_the_leading_pod(told: dict[str, str]) -> None:
    ended = train("worker", **told)
    assert (ended.exit_code, ended.output, ended.log) == (0, "", "")


def test_worker_has_nothing_to_do_in_the_only_pod_of_a_job_without_indexes() -> None:
    ended = train("worker", JOB_NAME=JOB, JOB_COMPLETION_INDEX="")
    assert (ended.exit_code, ended.output, ended.log) == (0, "", "")


def test_pipeline_has_nothing_to_do_in_the_other_pods(pods: RunHere, release: Release, tmp_path: Path) -> None:
    store = (tmp_path / "store").as_uri()
    told = {"JOB_COMPLETION_INDEX": "1", "STORE_URL": store, "DATABASE_URL": "sqlite:///no-such.db"}
    for ended in (train("--dask", "job", **told), train(DASK="job", **told)):
        assert (ended.exit_code, ended.output, ended.log) == (0, "", "")
    assert not (tmp_path / "store").exists()
    assert release.events() == []
    assert pods.workers == []


def test_pipeline_runs_in_any_other_process(tmp_path: Path) -> None:
    told = {"JOB_COMPLETION_INDEX": "1", "STORE_URL": (tmp_path / "store").as_uri()}
    assert train(DATABASE_URL="sqlite:///no-such.db", **told).exit_code != 0


def _lead(settings: DistributedSettings) -> None:
    with cluster_of_job(settings):
        pass


def _lead_and_fail(settings: DistributedSettings) -> None:
    with cluster_of_job(settings):
        raise TryAgainError("the database is away")


def _pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()
