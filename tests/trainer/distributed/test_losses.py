"""Workers, a scheduler and a store that fail in the middle of a pass: it is finished, or one line says what it was."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from model.neighbours import Neighbours
from registry.s3 import S3Store
from registry.settings import open_store
from runtime.errors import TryAgainError
from tests.parts.minio_server import Minio
from tests.parts.processes import end
from tests.parts.small_disk import SmallDisk
from tests.parts.tcp_proxy import tcp_proxy
from tests.trainer.distributed.clusters import HandMade, hand_made
from tests.trainer.distributed.eager import EAGER
from tests.trainer.distributed.teams import TeamThatSays, team_on
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.similarity.matrices import a_shop
from tests.trainer.similarity.spilled import bytes_of
from trainer.distributed import client as client_module
from trainer.distributed import team as team_module
from trainer.distributed.client import Connected, connected
from trainer.distributed.passes import LayOutForWorkers
from trainer.distributed.run import workers_for
from trainer.distributed.team import Team
from trainer.settings import TrainerSettings
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import LayOut, lay_out_here
from trainer.similarity.recipes import Limits

A_SHOP = a_shop(4_000, 600, 60_000, (0.3, 1.0, 1.3))
LONGEST_SECONDS = 90
Hurry = Callable[..., None]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Hurry:
    """Give a function that sets what Dask is told of patience."""

    def told(**values: object) -> None:
        for name, value in values.items():
            key = f"distributed.scheduler.{name.replace('_', '-')}"
            monkeypatch.setitem(client_module._CONFIGURATION, key, value)

    return told


@contextmanager
def local(folder: Path, n: int = 2) -> Iterator[Connected]:
    folder.mkdir(exist_ok=True)
    with connected(TrainerSettings.load(dask=f"local:{n}", spill_folder=folder)) as workers:
        yield workers


def found_by(lay_out: LayOut) -> Neighbours:
    return neighbours_by(recipe_named("cosine"), A_SHOP, Limits(2, 20), threads=2, lay_out=lay_out)


def in_blocks(team: Team, said: int = 40) -> LayOutForWorkers:
    """Cut the shop into so many blocks that a pass takes some seconds."""
    return LayOutForWorkers(TeamThatSays(team.client, team.shelf, team.worker_bytes, said=said), least_pairs=0)


@contextmanager
def a_pass(team: Team) -> Iterator["Future[Neighbours]"]:
    """Have a pass made meanwhile, once its first result is staged."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(found_by, in_blocks(team))
        try:
            wait_until(lambda: future.done() or bool(_known_tasks(team)))
            yield future
        finally:
            future.exception(LONGEST_SECONDS)


def _known_tasks(team: Team) -> list[str]:
    return [name for name in team.client.has_what().values() if name]


def pids(workers: Connected) -> list[int]:
    return sorted(workers.client.run(os.getpid).values())


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def assert_whole(passing: "Future[Neighbours]") -> None:
    assert bytes_of(passing.result(LONGEST_SECONDS)) == bytes_of(found_by(lay_out_here))


def assert_one_line(passing: "Future[Neighbours]", *words: str) -> None:
    error = passing.exception(LONGEST_SECONDS)
    assert isinstance(error, TryAgainError), error
    assert "\n" not in str(error)
    for word in words:
        assert word in str(error)


def test_worker_that_stands_still_for_some_seconds_is_waited_for(tmp_path: Path) -> None:
    with local(tmp_path / "disk") as workers, team_on(workers, (tmp_path / "store").as_uri(), tmp_path) as team:
        (pid, _) = pids(workers)
        with a_pass(team) as passing:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(3)
            os.kill(pid, signal.SIGCONT)
            assert_whole(passing)
        assert pid in pids(workers)


def test_worker_that_stands_still_for_good_is_replaced(tmp_path: Path, hurry: Hurry) -> None:
    hurry(worker_ttl="3s")
    with local(tmp_path / "disk") as workers, team_on(workers, (tmp_path / "store").as_uri(), tmp_path) as team:
        (pid, _) = pids(workers)
        with a_pass(team) as passing:
            os.kill(pid, signal.SIGSTOP)
            assert_whole(passing)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_task_that_ends_each_worker_is_one_line(tmp_path: Path, hurry: Hurry) -> None:
    hurry(allowed_failures=1)
    store, problem = (
        (tmp_path / "store").as_uri(),
        r"2 workers died of the same piece of work, deadly-0@.*out of memory",
    )
    with (
        local(tmp_path / "disk") as workers,
        team_on(workers, store, tmp_path) as team,
        pytest.raises(TryAgainError, match=problem),
    ):
        list(team.results([team.hand_out(_die, "deadly-0")]))


def test_disk_of_a_worker_that_holds_nothing_is_one_line(
    tmp_path: Path, minio: Minio, bucket: str, disk_of_128_kilobytes: SmallDisk
) -> None:
    with (
        local(disk_of_128_kilobytes.path) as workers,
        ThreadPoolExecutor(1) as pool,
        team_on(workers, f"s3://{bucket}/shop", tmp_path, s3_endpoint_url=minio.endpoint_url) as team,
    ):
        assert_one_line(pool.submit(found_by, in_blocks(team, 2)), "No space left on device")


def test_store_that_goes_away_for_good_is_one_line(minio: Minio, bucket: str, sample_shop_url: str) -> None:
    """A whole run: staging cannot even be cleared."""
    store = S3Store(bucket, "shop", minio.endpoint_url)
    with tcp_proxy(minio.port) as proxy, ThreadPoolExecutor(1) as pool:
        where = {"STORE_URL": f"s3://{bucket}/shop", "S3_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}"}
        settings = {"DATABASE_URL": sample_shop_url, "TRAINER_CLASS": EAGER, "RECIPE": "local_ridge"}
        running = pool.submit(train, "--dask", "local:2", **where, **settings)
        wait_until(lambda: running.done() or bool(list(store.list("staging/"))))
        proxy.refuse()
        ended = running.result(2 * LONGEST_SECONDS)
    assert_one_clear_line(ended, 75, "s3://", "S3_ENDPOINT_URL")


def test_store_that_is_slow_is_waited_for(tmp_path: Path, minio: Minio, bucket: str) -> None:
    with local(tmp_path / "disk") as workers, tcp_proxy(minio.port) as proxy, ThreadPoolExecutor(1) as pool:
        address = f"http://127.0.0.1:{proxy.port}"
        with team_on(workers, f"s3://{bucket}/shop", tmp_path, s3_endpoint_url=address) as team:
            proxy.delay(0.02)
            assert_whole(pool.submit(found_by, in_blocks(team, 2)))


@contextmanager
def a_run(cluster: HandMade, folder: Path) -> Iterator[Team]:
    """Give the team of a run on a cluster, and see that the run leaves nothing behind, and in time."""
    settings = TrainerSettings.load(dask=cluster.address, store_url=(folder / "store").as_uri(), spill_folder=folder)
    store = open_store(settings)
    with workers_for(settings, store) as given:
        assert isinstance(given.lay_out, LayOutForWorkers)
        yield given.lay_out.team
        ending = time.monotonic()
    assert time.monotonic() - ending < LONGEST_SECONDS
    assert list(store.list("staging/")) == []
    assert not list(folder.glob("recommender-*"))


def test_scheduler_that_is_lost_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(client_module, "_ANSWER_SECONDS", 10)
    with hand_made(tmp_path / "cluster", 2) as cluster, a_run(cluster, tmp_path) as team, a_pass(team) as passing:
        end(cluster.scheduler)
        assert_one_line(passing, "Dask's scheduler was lost")
    assert "Workers did not take leave" in caplog.text


def test_workers_that_are_all_gone_for_good_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_module, "ALONE_SECONDS", 3)
    monkeypatch.setattr(team_module, "_LOOK_SECONDS", 1)
    with hand_made(tmp_path / "cluster", 2) as cluster, a_run(cluster, tmp_path) as team, a_pass(team) as passing:
        for worker in cluster.workers:
            worker.kill()
        assert_one_line(passing, "no worker is left for 3 s")
