"""Runs that would not fit in memory: their arrays are on disk, and their model is the same."""

from pathlib import Path

import pytest

from registry.files import FileStore
from registry.history import append_run
from registry.registry import Registry
from tests.parts.small_disk import SmallDisk
from tests.trainer.planning.test_plan import SAMPLE_RUN
from tests.trainer.running import Ended, assert_one_clear_line, train

# A shop that is large enough for a run to be on disk, by what its latest run says: the sample shop is not.
LARGE = {"n_users": 200_000, "n_products": 3_000, "n_interactions": 30_000_000}
LIMIT = "1Gi"


@pytest.fixture(autouse=True)
def _large_shop(store_path: Path, sample_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_shop_url)
    append_run(FileStore(store_path), SAMPLE_RUN.model_copy(update=LARGE))


def model_bytes(store_path: Path) -> bytes:
    """Read the model in service."""
    pointer = Registry(FileStore(store_path)).current()
    assert pointer is not None
    return (store_path / "models" / pointer.version / "model.safetensors").read_bytes()


def assert_promoted(ended: Ended) -> None:
    assert ended.exit_code == 0, ended.log
    assert "Promoted to current model" in ended.log


def test_the_plan_says_so_before(store_path: Path) -> None:  # noqa: ARG001
    log = train(MEMORY_LIMIT=LIMIT).log
    (line,) = [line for line in log.splitlines() if "MEMORY_LIMIT allows" in line]
    assert "To keep them in memory, set trainer.resources.limits.memory to" in line
    assert log.index(line) < log.index("Loaded")


def test_the_model_is_the_one_that_is_made_in_memory(store_path: Path, tmp_path: Path) -> None:
    ended = train(MEMORY_LIMIT=LIMIT, SPILL_FOLDER=str(tmp_path), FORCE="a test")
    assert_promoted(ended)
    assert f"go to {tmp_path}" in ended.log
    on_disk = model_bytes(store_path)
    assert_promoted(train(MEMORY_CHECK="off", FORCE="a test"))
    assert model_bytes(store_path) == on_disk


def test_a_disk_without_room_ends_the_run_before_it_begins(disk_of_128_kilobytes: SmallDisk) -> None:
    ended = train(MEMORY_LIMIT=LIMIT, SPILL_FOLDER=str(disk_of_128_kilobytes.path))
    parts = ("this run would write about", str(disk_of_128_kilobytes.path), "0 MB are free", "Set SPILL_FOLDER to")
    assert_one_clear_line(ended, 75, *parts)
    assert "Loaded" not in ended.log


def test_a_folder_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    ended = train(MEMORY_LIMIT=LIMIT, SPILL_FOLDER=str(tmp_path / "nowhere"))
    assert_one_clear_line(ended, 64, "cannot write to", "nowhere", "Set SPILL_FOLDER")
