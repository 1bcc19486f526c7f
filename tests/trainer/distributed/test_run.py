"""Whole runs with workers: the model that one machine makes, and nothing left in the store or on the disk."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.generated_shops import GeneratedShop, generated_tables, write_sqlite
from registry.files import FileStore
from registry.staging import Staging
from tests.parts.processes import start
from tests.trainer.distributed.eager import EAGER
from tests.trainer.running import TRAIN, Ended, assert_one_clear_line, train

A_SHOP = GeneratedShop(users=1_500, products=300, purchases=25_000, views=10_000)
SETTINGS = {"TRAINER_CLASS": EAGER, "RECIPE": "local_ridge", "MIN_CO_OCCURRENCE": "2", "LOG_FORMAT": "human"}
_LONGEST_WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a generated shop."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    return write_sqlite(path, generated_tables(A_SHOP)).render_as_string()


@pytest.fixture(scope="module")
def model_of_one_machine(shop_url: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the model that a run without workers makes."""
    store = tmp_path_factory.mktemp("one machine")
    ended = train(DATABASE_URL=shop_url, STORE_URL=store.as_uri(), **SETTINGS)
    assert ended.exit_code == 0, ended.log
    return model_in(store)


@pytest.fixture
def spill_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "spill"
    folder.mkdir()
    return folder


@pytest.fixture
def with_workers(shop_url: str, store_path: Path, spill_folder: Path) -> Callable[..., Ended]:
    """Give a function that trains with two workers."""

    def trained(**environment: str) -> Ended:
        paths = {"DATABASE_URL": shop_url, "STORE_URL": store_path.as_uri(), "SPILL_FOLDER": str(spill_folder)}
        return train("--dask", "local:2", **{**SETTINGS, **paths, **environment})

    return trained


def model_in(store: Path) -> bytes:
    (path,) = store.glob("models/*/model.safetensors")
    return path.read_bytes()


def staged_in(store: Path) -> list[str]:
    return [info.key for info in FileStore(store).list("staging/")]


def leave_as_a_dead_run(store: Path, folder: Path) -> None:
    (folder / "block").write_bytes(b"of a run that died")
    Staging.new(FileStore(store)).put("blocks-0-lists-0", folder / "block")


def left_in(folder: Path) -> list[Path]:
    """Give what a run left on the disk; of Dask two empty files stay, by which its processes tell who is alive."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not (path.suffix == ".lock" and not path.stat().st_size)
    ]


def test_model_is_that_of_one_machine_and_nothing_is_left_not_even_of_a_run_that_died(
    with_workers: Callable[..., Ended],
    store_path: Path,
    spill_folder: Path,
    tmp_path: Path,
    model_of_one_machine: bytes,
) -> None:
    leave_as_a_dead_run(store_path, tmp_path)
    ended = with_workers()
    assert ended.exit_code == 0, ended.log
    assert "Removed what a run that died had staged: 1 objects" in ended.log
    assert model_in(store_path) == model_of_one_machine
    assert staged_in(store_path) == []
    assert left_in(spill_folder) == []
    figures = [line for line in ended.log.splitlines() if line.startswith("Worker ")]
    assert len(figures) == 2
    assert all("MB at most, fetched" in line and "staged 0 MB" not in line for line in figures)


def test_run_that_fails_leaves_nothing_staged(
    with_workers: Callable[..., Ended], store_path: Path, spill_folder: Path
) -> None:
    ended = with_workers(MIN_PRODUCTS="100000")
    assert_one_clear_line(ended, 65)
    assert "Worker 0:" in ended.log
    assert staged_in(store_path) == []
    assert left_in(spill_folder) == []


def processes_of(folder: Path) -> list[int]:
    """Give the processes that have a file or folder below this one in their command or open."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _uses(path, folder)]


def _uses(process: Path, folder: Path) -> bool:
    try:
        return any(str(file.readlink()).startswith(str(folder)) for file in (process / "fd").iterdir())
    except OSError:
        return False


def test_workers_end_with_a_run_that_is_killed_and_the_next_run_is_whole(
    with_workers: Callable[..., Ended],
    shop_url: str,
    store_path: Path,
    spill_folder: Path,
    model_of_one_machine: bytes,
) -> None:
    paths = {"DATABASE_URL": shop_url, "STORE_URL": store_path.as_uri(), "SPILL_FOLDER": str(spill_folder)}
    with subprocess.Popen(
        [*TRAIN, "--dask", "local:2"],
        env={**os.environ, **SETTINGS, **paths},
        stderr=subprocess.DEVNULL,
    ) as run:
        try:
            wait_until(lambda: len(staged_in(store_path)) > 3)
            assert processes_of(spill_folder)
        finally:
            run.send_signal(signal.SIGKILL)
    wait_until(lambda: not processes_of(spill_folder))
    left = len(staged_in(store_path))
    ended = with_workers()
    assert ended.exit_code == 0, ended.log
    if left:
        assert "Removed what a run that died had staged" in ended.log
    assert staged_in(store_path) == []
    assert model_in(store_path) == model_of_one_machine
    assert not list(spill_folder.glob("dask-scratch-space/worker-*"))


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _LONGEST_WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_folder_for_spilling_that_is_not_there_is_a_wrong_setting(
    with_workers: Callable[..., Ended], tmp_path: Path
) -> None:
    ended = with_workers(SPILL_FOLDER=str(tmp_path / "nowhere"))
    assert_one_clear_line(ended, 64, "cannot write to", "nowhere", "SPILL_FOLDER")


def test_ctrl_c_is_one_line_though_a_terminal_sends_it_to_workers_too(
    shop_url: str, store_path: Path, spill_folder: Path, tmp_path: Path
) -> None:
    paths = {"DATABASE_URL": shop_url, "STORE_URL": store_path.as_uri(), "SPILL_FOLDER": str(spill_folder)}
    run = start([*TRAIN, "--dask", "local:2"], tmp_path / "log", {**os.environ, **SETTINGS, **paths})
    wait_until(lambda: len(staged_in(store_path)) > 3)
    os.killpg(run.pid, signal.SIGINT)
    assert_one_clear_line(Ended(run.wait(60), "", (tmp_path / "log").read_text()), 75, "stopped by a signal")
    assert staged_in(store_path) == []
    assert left_in(spill_folder) == []
