"""The watch after a rollout: replicas that fail more often than those before, or do not stay up."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from cluster.api_deployment import ApiDeployment
from cluster.errors import RolloutFailedError
from cluster.replica import NoAnswerError, Replica
from cluster.request_counts import FEWEST_REQUESTS, LARGEST_RISE, RequestCounts, count_requests
from cluster.rollout import Expected, Rollout
from cluster.settling import requests_before, watch
from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import a_connected_model, publish
from tests.kubernetes.rolling import Node, RollingRelease, Told

ONE, TWO = "127.0.0.1", "127.0.0.2"
NONE = RequestCounts()


def fail() -> None:
    raise RuntimeError("broken")


def server(folder: Path, address: str = ONE, port: int = 0) -> ThreadServer:
    """A real API with a route that is broken."""
    started = ThreadServer(settings_for(folder, api_host=address), port=port).until_ready()
    started.app.add_api_route("/broken", fail)
    return started


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(Registry(FileStore(tmp_path / "store")), a_connected_model())
    return tmp_path / "store"


@pytest.fixture
def replica(store: Path) -> Iterator[ThreadServer]:
    started = server(store)
    yield started
    started.end()


@pytest.fixture
def rolled(rolling: RollingRelease, deployment: ApiDeployment, node: Node, served: str) -> Rollout:
    """A rollout that is done."""
    node.run(served, Told(ONE))
    deployment.pin(served, "a test")
    rollout = Rollout(deployment, Expected(served), lambda: None)
    rollout.wait(30)
    rolling.until_rolled()
    return rollout


def ask(replica: ThreadServer, *, good: int, bad: int) -> None:
    for _ in range(good):
        replica.client.get("/api/products/popular")
    for _ in range(bad):
        assert replica.client.get("/broken").status_code == 500


def as_replica(server: ThreadServer) -> Replica:
    return Replica("uid", "api-1", ONE, server.port, None, is_ready=True, restarts=0)


def test_requests_of_customers_are_counted_and_probes_are_not(replica: ThreadServer) -> None:
    ask(replica, good=3, bad=2)
    assert replica.client.get("/api/products/no-such/similar").status_code == 404
    for path in ("/readyz", "/healthz", "/metrics", "/metrics"):
        replica.client.get(path)
    assert count_requests(as_replica(replica)) == RequestCounts(answered=6, failed=2)


def test_metrics_that_ask_for_a_token_are_counted_with_it(store: Path) -> None:
    closed = ThreadServer(settings_for(store, api_host=ONE, metrics_token="scraping")).until_ready()
    ask(closed, good=3, bad=0)
    shown = replace(as_replica(closed), metrics_token=SecretStr("scraping"))
    assert count_requests(shown) == RequestCounts(answered=3, failed=0)
    with pytest.raises(NoAnswerError, match="api-1 answers /metrics with 401"):
        count_requests(as_replica(closed))
    closed.end()


def test_the_trainer_shows_its_token_to_each_replica(rolled: Rollout, rolling: RollingRelease, store: Path) -> None:
    assert rolled.look()
    closed = ThreadServer(settings_for(store, api_host=ONE, metrics_token="scraping")).until_ready()
    ask(closed, good=3, bad=0)
    shown = ApiDeployment(rolling.connection, "api", closed.port, SecretStr("scraping"))
    hidden = ApiDeployment(rolling.connection, "api", closed.port)
    assert requests_before(shown).answered >= 3
    assert requests_before(hidden) == NONE
    closed.end()


def test_replica_that_tells_no_metrics_is_no_answer(replica: ThreadServer) -> None:
    with pytest.raises(NoAnswerError, match="api-1 does not answer /metrics"):
        count_requests(Replica("uid", "api-1", "127.0.0.9", replica.port, None, is_ready=True, restarts=0))


@pytest.mark.parametrize(
    ("answered", "failed", "before", "is_jump"),
    [
        (FEWEST_REQUESTS, 3, NONE, True),
        (FEWEST_REQUESTS - 1, 49, NONE, False),
        (100, 100 * LARGEST_RISE, NONE, False),
        (100, 100 * LARGEST_RISE + 1, NONE, True),
        (100, 30, RequestCounts(1000, 290), False),
        (100, 36, RequestCounts(1000, 290), True),
    ],
)
def test_jump_is_five_hundredths_more_of_fifty_requests(
    answered: float, failed: float, before: RequestCounts, *, is_jump: bool
) -> None:
    assert RequestCounts(answered, failed).is_jump_from(before) is is_jump


def test_quiet_replicas_pass_the_watch(rolled: Rollout, replica: ThreadServer) -> None:
    ask(replica, good=60, bad=2)
    watch(rolled, NONE, 1.5)


def test_failures_since_the_replica_started_end_the_rollout(rolled: Rollout, replica: ThreadServer) -> None:
    ask(replica, good=50, bad=10)
    with pytest.raises(RolloutFailedError, match=r"api-\S+: 10 of 60 requests failed, and before the rollout 0 of 0"):
        watch(rolled, NONE, 5)


def test_failures_that_begin_in_the_watch_are_not_hidden_by_what_went_well_before(
    rolled: Rollout, replica: ThreadServer
) -> None:
    ask(replica, good=1500, bad=0)
    trouble = threading.Timer(0.5, lambda: ask(replica, good=0, bad=60))
    trouble.start()
    with pytest.raises(RolloutFailedError, match=r"of \d+ requests failed"):
        watch(rolled, NONE, 10)
    trouble.join()


def test_failures_that_were_there_before_the_rollout_are_no_jump(
    deployment: ApiDeployment, rolled: Rollout, replica: ThreadServer
) -> None:
    ask(replica, good=50, bad=20)
    before = requests_before(deployment)
    assert before == RequestCounts(140, 40), "two replicas at one address"
    watch(rolled, before, 1)


def test_replica_that_is_not_ready_any_more_ends_the_rollout(rolled: Rollout, node: Node, served: str) -> None:
    threading.Timer(0.5, lambda: node.run(served, Told(ONE, is_ready=False))).start()
    with pytest.raises(RolloutFailedError, match="came up and is not ready any more"):
        watch(rolled, NONE, 10)


def test_replica_that_restarts_ends_the_rollout(rolled: Rollout, node: Node, served: str) -> None:
    threading.Timer(0.5, lambda: node.run(served, Told(ONE, restarts=1))).start()
    with pytest.raises(RolloutFailedError, match="came up and restarted again"):
        watch(rolled, NONE, 10)


def test_replica_that_is_deleted_is_no_failure(rolled: Rollout, rolling: RollingRelease) -> None:
    name = rolling.pods()[0]["metadata"]["name"]
    kill = threading.Timer(0.5, lambda: rolling.delete_pod(name))
    kill.start()
    watch(rolled, NONE, 2.5)
    kill.join()
    assert name not in {pod["metadata"]["name"] for pod in rolling.pods()}


def test_replica_that_joins_in_the_watch_is_asked_too(
    rolled: Rollout, rolling: RollingRelease, node: Node, served: str, replica: ThreadServer, tmp_path: Path
) -> None:
    publish(Registry(FileStore(tmp_path / "another")), a_connected_model(5))
    other = server(tmp_path / "another", TWO, replica.port)
    node.run(served, Told(TWO))
    rolling.scale(3)
    with pytest.raises(RolloutFailedError, match=rf"is pinned to {served} and serves"):
        watch(rolled, NONE, 10)
    other.end()
