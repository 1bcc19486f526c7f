"""A whole run in a Job with workers: the commands of its pods, as Kubernetes starts them."""

import sys
from pathlib import Path

import pytest

from cluster.jobs import TrainingJobs
from registry.files import FileStore
from registry.registry import Registry
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.release import Release
from tests.parts.processes import start
from tests.trainer.distributed.runs import RunHere
from tests.trainer.running import train

JOB = "trainer-1"


@pytest.fixture
def pods(
    run_here: RunHere,
    release: Release,
    control_plane: ControlPlane,
    store_path: Path,  # noqa: ARG001 (sets STORE_URL)
    sample_shop_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> RunHere:
    """Give a Job's pods, all of them on this machine; the environment is as the chart sets it."""
    release.scale(0)
    TrainingJobs(release.connection, "trainer").start(JOB)
    told = {
        "DATABASE_URL": sample_shop_url,
        "CLUSTER_NAMESPACE": release.namespace,
        "KUBECONFIG": str(control_plane.admin),
        "POD_NAME": "trainer-1-0-abc",
        "JOB_NAME": JOB,
        "DASK_PORT": str(run_here.port),
        "DASK_DASHBOARD_PORT": "0",
        "ROLLOUT_SECONDS": "60",
        "ROLLOUT_WATCH_SECONDS": "0",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return run_here


def content_in_service(store_path: Path) -> str:
    pointer = Registry(FileStore(store_path)).current()
    assert pointer
    return pointer.version.rsplit("-", 1)[1]


def test_job_with_workers_makes_the_model_that_one_pod_makes(
    pods: RunHere, release: Release, store_path: Path, tmp_path: Path
) -> None:
    alone = train(CLUSTER_NAMESPACE="", STORE_URL=(tmp_path / "alone").as_uri())
    assert alone.exit_code == 0, alone.log
    release.roll_out_when_pinned()
    for _ in range(2):
        pods.add_command("trainer", "worker")
    together = train("--dask", "job")
    assert together.exit_code == 0, together.log
    assert content_in_service(store_path) == content_in_service(tmp_path / "alone")
    assert pods.ended() == [0, 0]
    assert pods.logs.count("The work is done") == 2
    assert not any(line.startswith("ERROR") for line in [*pods.logs, *together.log.splitlines()])


def test_run_begins_anew_with_the_same_workers_when_its_leading_pod_is_killed(
    pods: RunHere, release: Release, store_path: Path, tmp_path: Path
) -> None:
    release.roll_out_when_pinned()
    pods.add_command("trainer", "worker")
    killed = start([sys.executable, "-m", "trainer", "--dask", "job"], tmp_path / "killed.txt")
    pods.until(lambda: any(line.startswith("Joined") for line in pods.logs), 60)
    killed.kill()
    killed.wait()
    free_lease(release)
    again = train("--dask", "job")
    assert again.exit_code == 0, again.log
    assert content_in_service(store_path)
    assert pods.ended() == [0]
    joined, gone = f"Joined tls://127.0.0.1:{pods.port}", "WARNING: The scheduler is gone: waiting for the next one"
    told = [line for line in pods.logs if "TLS handshake failed" not in line]  # with a scheduler killed in the midst
    assert told == [joined, gone, joined, "The work is done"]


def free_lease(release: Release) -> None:
    """Let the lock of a run that was killed run out at once."""
    calls = release.connection.coordination
    lease = release.read("coordination", "lease", "trainer")
    lease["spec"]["holderIdentity"] = ""
    release.connection.ask("free", calls.replace_namespaced_lease, "trainer", release.namespace, lease)
