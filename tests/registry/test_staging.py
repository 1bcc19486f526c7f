"""What a run stages is there for its other processes, and goes with the run: on every backend."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.objects import ObjectMissingError, ObjectStore
from registry.registry import Registry
from registry.staging import Staging, sweep_staging
from tests.builders import publish


def put(staging: Staging, name: str, folder: Path, body: bytes = b"staged") -> None:
    file = folder / name
    file.write_bytes(body)
    staging.put(name, file)


def keys(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("")]


def test_what_one_process_staged_another_fetches(store: ObjectStore, tmp_path: Path) -> None:
    mine = Staging.new(store)
    put(mine, "block-1", tmp_path)
    (tmp_path / "theirs").mkdir()
    theirs = Staging(store, mine.run)
    assert theirs.fetch("block-1", tmp_path / "theirs").read_bytes() == b"staged"
    put(mine, "block-1", tmp_path, b"staged again")
    assert theirs.fetch("block-1", tmp_path / "theirs").read_bytes() == b"staged again"
    theirs.remove("block-1")
    with pytest.raises(ObjectMissingError):
        theirs.fetch("block-1", tmp_path)


def test_end_of_a_run_removes_its_own_and_nothing_else(store: ObjectStore, tmp_path: Path) -> None:
    version = publish(Registry(store))
    mine, theirs = Staging.new(store), Staging.new(store)
    for staging in (mine, theirs):
        put(staging, "block-0", tmp_path)
    mine.remove_all()
    assert f"staging/{theirs.run}/block-0" in keys(store)
    assert not any(mine.run in key for key in keys(store))
    assert any(version in key for key in keys(store))


def test_next_run_sweeps_what_a_dead_one_left(store: ObjectStore, tmp_path: Path) -> None:
    publish(Registry(store))
    before, dead = keys(store), Staging.new(store)
    put(dead, "block-0", tmp_path)
    assert sweep_staging(store) == [f"staging/{dead.run}/block-0"]
    assert keys(store) == before


def test_pruning_removes_what_was_staged_a_day_ago_and_spares_a_run_under_way(
    store: ObjectStore, tmp_path: Path
) -> None:
    registry, staging = Registry(store), Staging.new(store)
    publish(registry)
    put(staging, "block-0", tmp_path)
    now = datetime.now(UTC)
    assert registry.prune(5, now=now + timedelta(hours=23)).leftovers == []
    assert f"staging/{staging.run}/block-0" in registry.prune(5, now=now + timedelta(hours=25)).leftovers
    assert not any(staging.run in key for key in keys(store))
