"""Two workers on one port: what they share, and what is theirs alone."""

import os
import signal
from pathlib import Path

from benchmarks.serving_shops import published_shop
from registry.registry import Registry
from tests.api.live import ServerProcess, wait_until
from tests.api.workers.conftest import Start
from tests.api.workers.pods import mapped_model
from tests.builders import publish

POPULAR = "/api/products/popular"


def test_one_worker_is_one_process_that_shares_nothing(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start(API_WORKERS="1").until_ready()
    assert pod.workers == []
    assert list(pod.scratch.iterdir()) == []
    assert '"worker"' not in pod.server.log


def test_two_workers_answer_on_one_port(registry: Registry, start: Start) -> None:
    version = publish(registry)
    pod = start().until_ready()
    assert len(pod.workers) == 2
    answers = pod.ask_both(POPULAR)
    assert {answer.json()["model_version"] for answer in answers} == {version}
    assert len({answer.content for answer in answers}) == 1


def test_a_model_is_in_memory_once_however_many_workers_map_it(folder: Path, start: Start) -> None:
    published_shop(folder, n_products=40_000, n_users=1000)
    pod = start().until_ready()
    resident, shares = zip(*(mapped_model(pid) for pid in pod.workers), strict=True)
    assert min(resident) > 30_000_000
    assert max(resident) == min(resident)
    assert sum(shares) <= 1.01 * resident[0]


def test_there_is_one_copy_of_the_version_in_service_and_none_at_the_end(registry: Registry, start: Start) -> None:
    old = publish(registry)
    pod = start().until_ready()
    assert pod.copies == [old]
    new = publish(registry)
    wait_until(lambda: pod.versions() == [new, new])
    wait_until(lambda: pod.copies == [new])
    assert pod.server.end() == 0
    assert list(pod.scratch.iterdir()) == []


def test_a_pod_is_ready_only_while_every_worker_is(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start().until_ready()
    assert {answer.status_code for answer in (pod.ask("/readyz") for _ in range(10))} == {200}
    stopped = pod.workers[1]
    os.kill(stopped, signal.SIGSTOP)
    answer = pod.ask("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "model_not_available")
    assert "worker 2 does not answer" in answer.json()["detail"]
    health = pod.ask("/api/health").json()
    assert not health["ready"]
    assert "worker 2" in health["problem"]
    os.kill(stopped, signal.SIGCONT)
    pod.until_ready()


def test_what_one_worker_tells_of_the_model_the_other_tells_too(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start().until_ready()
    described = [{**answer.json(), "age_days": None} for answer in pod.ask_both("/api/model")]
    assert all(one == described[0] for one in described)


def test_a_folder_whose_sockets_would_have_too_long_names_is_one_clear_line(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    settings = {"API_WORKERS": "2", "TMPDIR": str(long), "LOG_FORMAT": "human", "STORE_URL": tmp_path.as_uri()}
    with ServerProcess(tmp_path, settings) as server:
        assert server.process.wait(20) == 64
        assert server.log == (
            f"ERROR: TMPDIR={long} is too long a path for the sockets of several workers. "
            "Set a shorter one, or API_WORKERS=1\n"
        )
        assert list(long.iterdir()) == []
