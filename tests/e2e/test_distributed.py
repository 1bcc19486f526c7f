"""A run on several pods: the same model as on one, whatever becomes of the pods."""

from collections.abc import Iterator

import pytest

from tests.e2e.shop import Json, Shop

_INDEX = "batch.kubernetes.io/job-completion-index"
_WORKERS = 2
_PAUSED = {"PAUSE_AT": "matrix", "PAUSE_SECONDS": "45"}


@pytest.fixture(scope="module")
def content(pausing: Shop) -> str:
    """Give the hash of the model that one pod makes of the shop as it is."""
    assert pausing.run().succeeded
    return content_in_service(pausing)


@pytest.fixture(scope="module")
def distributed(pausing: Shop, content: str) -> Iterator[Shop]:
    """Give the release with workers."""
    assert content
    pausing.upgrade(
        f"--set=trainer.distributed.workers={_WORKERS}",
        "--set=trainer.distributed.resources.requests.cpu=50m,trainer.distributed.resources.requests.memory=256Mi",
        "--set=trainer.distributed.resources.limits.memory=1Gi",
    )
    yield pausing
    pausing.upgrade("--set=trainer.distributed.workers=0")


def content_in_service(shop: Shop) -> str:
    return shop.current_version().rsplit("-", 1)[1]


def pods(shop: Shop, job: str, index: int) -> list[Json]:
    """Give the pods that a Job had of an index, oldest first."""
    return [pod for pod in shop.pods_of(job) if pod["metadata"]["labels"][_INDEX] == str(index)]


def log(shop: Shop, job: str, index: int) -> str:
    """Give what the newest pod of an index said as what it is: the first leads, the others work."""
    container = "worker" if index else "trainer"
    newest = pods(shop, job, index)[-1]["metadata"]["name"]
    status = shop.read("pod", newest)["status"]
    states = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    begun = any(one["name"] == container and "waiting" not in one["state"] for one in states)
    return shop.kubectl("logs", newest, f"--container={container}") if begun else ""


def ends(shop: Shop, job: str, seconds: float = 240) -> bool:
    """Wait for a Job's end; tell whether it went well."""

    def conditions() -> set[str]:
        return {one["type"] for one in shop.read("job", job)["status"].get("conditions", [])} & {"Complete", "Failed"}

    return "Complete" in shop.until(conditions, f"Job {job} ends", seconds)


def start_and_pause(shop: Shop) -> str:
    """Start a run that stops for a while once its workers have joined."""
    job = shop.start(environment=_PAUSED)
    shop.until(lambda: "Pausing at the end of step matrix" in log(shop, job, 0), "the run pauses", 120)
    for index in range(1, _WORKERS + 1):
        shop.until(lambda index=index: "Joined" in log(shop, job, index), f"worker {index} joins")  # type: ignore[misc]
    return job


def test_workers_make_the_same_model_and_end_well(distributed: Shop, content: str) -> None:
    job = distributed.start()
    assert ends(distributed, job)
    assert content_in_service(distributed) == content
    assert distributed.pinned_versions() == {distributed.current_version()}
    for index in range(1, _WORKERS + 1):
        (pod,) = pods(distributed, job, index)
        assert "The work is done" in log(distributed, job, index)
        assert pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    (owner,) = distributed.read("secret", "trainer-dask")["metadata"]["ownerReferences"]
    assert owner["name"] == job


def test_evicted_worker_is_made_again_and_the_model_is_the_same(distributed: Shop, content: str) -> None:
    job = start_and_pause(distributed)
    (evicted,) = pods(distributed, job, 1)
    evict(distributed, evicted["metadata"]["name"])
    distributed.until(lambda: "Joined" in log(distributed, job, 1), "another takes its place", 60)
    assert ends(distributed, job)
    assert len(pods(distributed, job, 0)) == 1
    assert content_in_service(distributed) == content


def test_run_begins_anew_when_its_leading_pod_is_deleted(distributed: Shop, content: str) -> None:
    job = start_and_pause(distributed)
    workers = [pods(distributed, job, index)[0]["metadata"]["uid"] for index in range(1, _WORKERS + 1)]
    distributed.kubectl("delete", "pod", pods(distributed, job, 0)[0]["metadata"]["name"], "--wait=true")
    assert ends(distributed, job)
    assert content_in_service(distributed) == content
    for index, uid in enumerate(workers, start=1):
        (pod,) = pods(distributed, job, index)
        assert pod["metadata"]["uid"] == uid, "workers wait for the leading pod that takes its place"
        assert log(distributed, job, index).count("Joined") == 2


def test_secret_goes_with_its_job(distributed: Shop) -> None:
    job = distributed.read("secret", "trainer-dask")["metadata"]["ownerReferences"][0]["name"]
    distributed.kubectl("delete", "job", job, "--wait=true")
    distributed.until(lambda: "trainer-dask" not in distributed.kubectl("get", "secrets"), "the Secret is gone")


def evict(shop: Shop, pod: str) -> None:
    """Evict a pod as a drain of its node does."""
    eviction = f'{{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {{"name": "{pod}"}}}}'
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{pod}/eviction"
    shop.kubectl("create", f"--raw={path}", "--filename=-", given=eviction)
    shop.until(lambda: pod not in shop.kubectl("get", "pods", "--output=name"), f"{pod} is gone")
