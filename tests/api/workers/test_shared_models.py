"""One copy of a model for all that load it, and none once nobody has it any more."""

import fcntl
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.workers.shared_models import SharedModels
from model.errors import DamagedModelError
from model.model import Model
from registry.files import FileStore
from registry.objects import StoreUnavailableError
from registry.registry import Registry
from tests.api.live import REPOSITORY
from tests.builders import publish

NOTHING = Path("/nonexistent")

LOAD_AND_WAIT = """
import sys, time
from pathlib import Path
from api.workers.shared_models import SharedModels
from registry.files import FileStore
store, models, version = sys.argv[1:]
model = SharedModels(FileStore(Path(store)), Path(models), lambda: None).load(version, Path("/nonexistent"))
print("loaded", flush=True)
time.sleep(60)
"""


class SlowStore(FileStore):
    """A store that counts what is fetched, each time for a while."""

    fetched = 0

    def fetch(self, key: str, directory: Path) -> Path:
        SlowStore.fetched += 1
        time.sleep(0.2)
        return super().fetch(key, directory)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def worker(folder: Path, models: Path) -> Callable[[], SharedModels]:
    """Make a registry as a worker has it."""
    SlowStore.fetched = 0
    return lambda: SharedModels(SlowStore(folder), models, lambda: None)


def copies(models: Path) -> list[str]:
    return sorted(path.name.partition(".")[0] for path in models.glob("*.safetensors"))


def test_whoever_comes_first_makes_the_copy_and_the_others_wait_for_it(
    registry: Registry, worker: Callable[[], SharedModels], models: Path
) -> None:
    version, loaded = publish(registry), list[Model]()
    threads = [threading.Thread(target=lambda: loaded.append(worker().load(version, NOTHING))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 8
    assert SlowStore.fetched == 1
    assert copies(models) == [version]


def test_the_store_s_own_file_is_never_what_is_mapped(
    registry: Registry, worker: Callable[[], SharedModels], models: Path, folder: Path
) -> None:
    version = publish(registry)
    model = worker().load(version, NOTHING)
    (copy,) = models.glob("*.safetensors")
    assert copy.stat().st_ino != (folder / "models" / version / "model.safetensors").stat().st_ino
    assert len(model.products) == 5


def test_a_copy_goes_with_the_last_model_that_was_loaded_from_it(
    registry: Registry, worker: Callable[[], SharedModels], models: Path
) -> None:
    version = publish(registry)
    one, other = worker().load(version, NOTHING), worker().load(version, NOTHING)
    del one
    gc.collect()
    assert copies(models) == [version]
    del other
    gc.collect()
    assert copies(models) == []
    assert len(worker().load(version, NOTHING).products) == 5
    assert SlowStore.fetched == 2


def test_a_damaged_copy_is_not_kept_even_where_another_worker_just_found_out(
    registry: Registry, worker: Callable[[], SharedModels], models: Path
) -> None:
    version = publish(registry)
    copy = models / f"{version}.model.safetensors"
    copy.write_bytes(b"what came of a download that went wrong")
    with copy.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        with pytest.raises(DamagedModelError, match="is damaged"):
            worker().load(version, NOTHING)
        assert copies(models) == []
        assert len(worker().load(version, NOTHING).products) == 5


def test_a_damaged_version_leaves_no_copy(
    registry: Registry, worker: Callable[[], SharedModels], models: Path, damage: Callable[[str], None]
) -> None:
    version = publish(registry)
    damage(version)
    with pytest.raises(DamagedModelError, match="is damaged"):
        worker().load(version, NOTHING)
    assert copies(models) == []


def test_a_version_without_its_file_and_a_folder_without_room_are_told_as_without_workers(
    registry: Registry, worker: Callable[[], SharedModels], models: Path, folder: Path
) -> None:
    version = publish(registry)
    models.chmod(0o500)
    if os.getuid():
        with pytest.raises(StoreUnavailableError, match="Permission denied"):
            worker().load(version, NOTHING)
    models.chmod(0o700)
    (folder / "models" / version / "model.safetensors").unlink()
    with pytest.raises(DamagedModelError, match="is missing"):
        worker().load(version, NOTHING)
    assert [path.name for path in models.iterdir()] == [".lock"]


def test_what_a_worker_left_that_was_killed_goes_with_the_next_copy(
    registry: Registry, worker: Callable[[], SharedModels], models: Path, folder: Path
) -> None:
    old, new = publish(registry), publish(registry)
    (models / "making-something").mkdir()
    (models / "making-something" / "half").write_bytes(b"half a model")
    command = [sys.executable, "-c", LOAD_AND_WAIT, str(folder), str(models), old]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"loaded\n"
        first = worker().load(new, NOTHING)
        assert copies(models) == [old, new]
        other.send_signal(signal.SIGKILL)
        other.wait()
    newest = publish(registry)
    second = worker().load(newest, NOTHING)
    assert copies(models) == [new, newest]
    assert not list(models.glob("making-*"))
    assert len(first.products) == len(second.products)


def test_the_others_are_told_before_a_copy_is_made_and_only_then(
    registry: Registry, folder: Path, models: Path
) -> None:
    version, told = publish(registry), list[list[str]]()
    shared = SharedModels(FileStore(folder), models, lambda: told.append(copies(models)))
    loaded = [shared.load(version, NOTHING) for _ in range(3)]
    assert told == [[]]
    assert len(loaded) == 3
