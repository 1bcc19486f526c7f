"""What a pod has once, and what all of its workers do together: erasures, swaps, runs, counts."""

from pathlib import Path

import pytest

from api.workers.asking import ask
from registry.registry import Registry
from tests.api.live import wait_until
from tests.api.shoppers import Swaps, numbered_model, shoppers, whole_answers
from tests.api.test_child_runs import is_running
from tests.api.test_server import FAKE_TRAINER
from tests.api.workers.conftest import Start
from tests.builders import publish

POPULAR = "/api/products/popular"
USER = "/api/users/1/recommendations"
PROMOTIONS = 20
NEVER = "3600"
COUNTED = 'http_requests_total{{method="GET",route="{}",status="200",model_version="{}"}}'


def test_twenty_swaps_under_load_lose_no_request_and_mix_no_answer(registry: Registry, start: Start) -> None:
    models = [numbered_model(number) for number in range(1, PROMOTIONS + 2)]
    versions = [publish(registry, model, promote=False) for model in models]
    swaps = Swaps({version: whole_answers(model) for version, model in zip(versions, models, strict=True)})
    registry.promote(versions[0], "test", registry.pointer_state())
    pod = start().until_ready()
    with shoppers(pod.server.port, swaps, n=6) as crowd:
        for version in versions:
            registry.promote(version, "test", registry.pointer_state())
            wait_until(lambda: pod.versions() == [version] * 2)  # noqa: B023 (called at once)
            wait_until(lambda: crowd.has_seen(version))  # noqa: B023
    assert crowd.failures == []
    assert set(crowd.answers) == set(versions)
    assert set(pod.answered()) == {1, 2}
    assert pod.metric("model_reloads_total") == 2 * (PROMOTIONS + 1)
    assert pod.metric("model_reload_failures_total") == 0
    wait_until(lambda: pod.copies == [versions[-1]])


def test_after_a_rollback_every_worker_looks_at_the_store_at_once(registry: Registry, start: Start) -> None:
    old, new = publish(registry), publish(registry)
    pod = start(POLL_SECONDS=NEVER).until_ready()
    assert pod.versions() == [new, new]
    # Somebody looked at the version in the console, so that there is a copy: nobody tells of making one.
    assert pod.ask(f"/console/try?product=10&against={old}").status_code == 200
    assert pod.copies == [old, new]
    assert pod.client.post("/api/model/rollback").json()["version"] == old
    wait_until(lambda: pod.versions() == [old, old])


def test_the_worker_that_sees_a_new_version_first_tells_the_others(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start(POLL_SECONDS=NEVER).until_ready()
    new = publish(registry)
    ask(pod.folder / "worker 2", {"ask": "wake"}, 5)
    wait_until(lambda: pod.versions() == [new, new])


def test_no_worker_knows_a_user_any_more_once_one_has_answered(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start(POLL_SECONDS=NEVER).until_ready()
    assert {answer.json()["user_known"] for answer in pod.ask_both(USER)} == {True}
    assert pod.client.delete("/api/users/1").status_code == 204
    assert {answer.json()["user_known"] for answer in pod.ask_both(USER)} == {False}
    pod.kill_a_worker()
    assert {answer.json()["user_known"] for answer in pod.ask_both(USER)} == {False}


def test_a_replica_that_is_asked_to_look_has_all_its_workers_look(registry: Registry, start: Start) -> None:
    publish(registry)
    one, other = start().until_ready(), start(POLL_SECONDS=NEVER).until_ready()
    assert one.client.delete("/api/users/1").status_code == 204
    assert {answer.json()["user_known"] for answer in other.ask_both(USER)} == {True}
    assert other.client.post("/api/erasures/look").status_code == 204
    assert {answer.json()["user_known"] for answer in other.ask_both(USER)} == {False}


def test_metrics_are_those_of_all_workers_whoever_is_asked(registry: Registry, start: Start) -> None:
    version = publish(registry)
    pod = start().until_ready()
    asked = len(pod.ask_both(POPULAR))
    counted = COUNTED.format(POPULAR, version)
    assert [pod.metric(counted) for _ in range(10)] == [asked] * 10
    assert pod.metric(f'model_products{{model_version="{version}"}}') == 5
    assert all(pod.metric(f'process_cpu_seconds_total{{worker="{number}"}}') for number in (1, 2))


def test_no_count_falls_when_a_worker_is_replaced(registry: Registry, start: Start) -> None:
    version = publish(registry)
    pod = start().until_ready()
    asked = len(pod.ask_both(POPULAR))
    counted = COUNTED.format(POPULAR, version)
    assert pod.metric(counted) == asked
    for _ in range(2):
        pod.kill_a_worker()
        assert pod.metric(counted) == asked
    asked += len(pod.ask_both(POPULAR))
    assert pod.metric(counted) == asked


def test_an_address_may_ask_so_often_whichever_worker_answers(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start(ADMIN_REQUESTS_PER_MINUTE="20").until_ready()
    answers = [pod.ask("/api/model/runs/none").status_code for _ in range(30)]
    assert answers == [404] * 20 + [429] * 10
    assert set(pod.answered()) == {1, 2}
    pod.kill_a_worker()
    assert pod.ask("/api/model/runs/none").status_code == 429


@pytest.fixture
def trainer(tmp_path: Path) -> Path:
    """A trainer beside the first server; it writes its process id to the file that this gives, and then runs on."""
    package = tmp_path / "server 1" / "trainer"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(FAKE_TRAINER)
    return package.parent / "trainer-pid"


def test_there_is_one_run_at_a_time_and_every_worker_tells_of_it(
    registry: Registry, start: Start, trainer: Path
) -> None:
    publish(registry)
    pod = start().until_ready()
    url = pod.client.post("/api/model/retrain").json()["url"]
    again = [pod.client.post("/api/model/retrain").json() for _ in range(10)]
    assert {(answer["code"], answer["run_url"]) for answer in again} == {("run_in_progress", url)}
    wait_until(trainer.exists)
    pod.kill_a_worker()
    assert {answer.json()["state"] for answer in pod.ask_both(url)} == {"running"}
    pid = int(trainer.read_text())
    assert pod.server.end() == 0
    assert not is_running(pid)
    assert (trainer.parent / "told-to-end").exists()


def test_when_a_run_has_ended_every_worker_looks_at_the_store_at_once(
    registry: Registry, start: Start, trainer: Path, folder: Path
) -> None:
    old = publish(registry)
    new = publish(registry)
    (trainer.parent / "trainer" / "__main__.py").write_text(
        "from pathlib import Path; from registry.files import FileStore; from registry.registry import Registry\n"
        f"Registry(FileStore(Path({str(folder)!r}))).roll_back({old!r}, 'trainer', Path('.'))\n"
    )
    pod = start(POLL_SECONDS=NEVER).until_ready()
    assert pod.versions() == [new, new]
    url = pod.client.post("/api/model/retrain").json()["url"]
    wait_until(lambda: pod.versions() == [old, old])
    assert {answer.json()["state"] for answer in pod.ask_both(url)} == {"succeeded"}
