"""The way to workers: a cluster that somebody else runs, none at all, and settings that name no cluster."""

import pickle
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from registry.files import FileStore
from runtime.errors import BadSettingsError, RecommenderError, TryAgainError
from tests.parts.http_front import serving
from tests.parts.mariadb import MariaDb
from tests.parts.processes import free_port
from tests.trainer.distributed.clusters import HandMade, hand_made
from tests.trainer.distributed.eager import EAGER
from tests.trainer.running import assert_one_clear_line, train
from trainer.distributed import client
from trainer.distributed.at_hand import plugin_of
from trainer.distributed.client import connected
from trainer.distributed.run import workers_for
from trainer.reading.extract import read_events
from trainer.settings import TrainerSettings


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a scheduler and for workers no longer than a test does."""
    monkeypatch.setattr(client, "_ANSWER_SECONDS", 2)


@pytest.fixture(scope="module")
def two_threads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandMade]:
    """Give a cluster of two workers, which take two tasks at a time each."""
    with hand_made(tmp_path_factory.mktemp("cluster"), 2, "--nthreads", "2") as cluster:
        yield cluster


def reach(where: str) -> None:
    with connected(TrainerSettings.load(dask=where)):
        pass


@pytest.mark.parametrize(
    "where",
    ["dask", "local:0", "local:", "local:-1", "local:two", "http://here:8786", "tcp://here", "tcp://:8786", "jobs"],
)
def test_what_names_no_workers_is_a_wrong_setting(where: str) -> None:
    with pytest.raises(BadSettingsError, match=f"wrong settings: DASK='{where}'.*local") as wrong:
        TrainerSettings.load(dask=where)
    assert "\n" not in str(wrong.value)
    assert "tcp://HOST:PORT" in str(wrong.value)


def test_wrong_setting_ends_the_run_with_64(store_path: Path) -> None:
    assert_one_clear_line(train("--dask", "loca:2"), 64, "wrong settings: DASK='loca:2'", "local:N", "tcp://HOST:PORT")
    assert not store_path.exists()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.invalid"])
def test_scheduler_that_is_not_there_is_one_line(host: str) -> None:
    where = f"tcp://{host}:{free_port()}"
    with pytest.raises(TryAgainError, match=f"no scheduler of Dask answers at {where}: ") as missing:
        reach(where)
    assert "\n" not in str(missing.value)


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:99999", "tcp://127.0.0.1:0", "tcp://[::1:80", "tcp://a b:1"])
@pytest.mark.usefixtures("impatient")
def test_address_that_cannot_be_one_is_one_line(where: str) -> None:
    with pytest.raises(RecommenderError, match=r"wrong settings: DASK=|no scheduler of Dask answers") as wrong:
        reach(where)
    assert "\n" not in str(wrong.value)


@pytest.mark.usefixtures("impatient")
def test_encryption_without_certificates_is_a_wrong_setting() -> None:
    with pytest.raises(BadSettingsError, match=r"tls://127\.0\.0\.1.*certificates") as wrong:
        reach(f"tls://127.0.0.1:{free_port()}")
    assert "\n" not in str(wrong.value)


@pytest.mark.usefixtures("impatient")
def test_server_that_is_no_scheduler_is_one_line() -> None:
    silent = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    silent.daemon_threads = True
    with serving(silent) as server:
        where = f"tcp://127.0.0.1:{server.server_port}"
        with pytest.raises(TryAgainError, match=f"no scheduler of Dask answers at {where}"):
            reach(where)


@pytest.mark.usefixtures("impatient")
def test_scheduler_without_workers_is_one_line(tmp_path: Path) -> None:
    silent = "the scheduler at tcp://.* has no worker. Start some"
    with hand_made(tmp_path / "cluster", 0) as cluster, pytest.raises(TryAgainError, match=silent):
        reach(cluster.address)


def test_cluster_of_somebody_elses_makes_the_same_model(
    two_threads: HandMade, sample_shop_url: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "TRAINER_CLASS": EAGER, "RECIPE": "local_ridge"}
    models = []
    for name, dask in (("here", {}), ("there", {"DASK": two_threads.address})):
        store = tmp_path / name
        ended = train(**settings, STORE_URL=store.as_uri(), **dask)
        assert ended.exit_code == 0, ended.log
        (path,) = store.glob("models/*/model.safetensors")
        models.append(path.read_bytes())
        assert list(FileStore(store).list("staging/")) == []
    assert models[0] == models[1]
    assert "Workers: 2 of Dask" in ended.log
    assert not list(two_threads.folder.rglob("recommender-*"))


def _all_it_knows(dask_scheduler: object) -> bytes:
    known = {name: value for name, value in vars(dask_scheduler).items() if "plugin" in name}
    return pickle.dumps(repr(known)) + b"".join(dask_scheduler.worker_plugins.values())  # type: ignore[attr-defined]


def test_cluster_that_anybody_may_listen_to_is_told_no_password(
    two_threads: HandMade, mariadb: MariaDb, mariadb_url: str, tmp_path: Path
) -> None:
    """Whoever reaches its scheduler reads what it knows: this process reads the database."""
    store = FileStore(tmp_path / "store")
    where = {"database_url": mariadb_url, "store_url": (tmp_path / "store").as_uri()}
    settings = TrainerSettings.load(dask=two_threads.address, **where)
    with workers_for(settings, store) as help_:
        assert help_.read is read_events
        with connected(settings) as ours:
            known = ours.client.run_on_scheduler(_all_it_knows)
            plugins = ours.client.run(_told)
    assert b"recommender" in known
    assert len(plugins) == 2
    for secret in (mariadb.password, "p%40ss"):
        assert secret.encode() not in known
        assert secret not in str(plugins)
        assert secret not in two_threads.logs


def _told(dask_worker: object) -> str:
    (at_hand,) = (plugin for name, plugin in dask_worker.plugins.items() if name.startswith(plugin_of("")))  # type: ignore[attr-defined]
    return str(vars(at_hand._told))


def test_runs_one_after_the_other_leave_nothing_on_the_workers(two_threads: HandMade, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store")
    settings = TrainerSettings.load(dask=two_threads.address, store_url=(tmp_path / "store").as_uri())
    for _ in range(2):
        with workers_for(settings, store):
            assert len(list(two_threads.folder.rglob("recommender-*"))) == 2
        assert not list(two_threads.folder.rglob("recommender-*"))
