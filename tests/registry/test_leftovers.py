"""What unfinished work leaves behind is swept after a day, and nothing else is: on every backend."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.claims import PROMOTING, REMOVING, new_note
from registry.files import FileStore
from registry.layout import folder_of, manifest_key
from registry.objects import ObjectStore
from registry.registry import Registry
from tests.builders import publish

HALF = "20250105T020000Z-1f3c9a2e"


@pytest.fixture
def registry(store: ObjectStore) -> Registry:
    return Registry(store)


def keys(registry: Registry) -> list[str]:
    return [info.key for info in registry.store.list("")]


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def test_half_of_an_upload_is_swept_after_a_day_and_not_before(registry: Registry) -> None:
    publish(registry)
    sound = keys(registry)
    halves = [f"models/{HALF}/card.html", f"models/{HALF}/model.safetensors"]
    for key in halves:
        registry.store.put(key, b"half")
    assert registry.prune(5, now=in_hours(23)).leftovers == []
    assert registry.prune(5, now=in_hours(25)).leftovers == halves
    assert keys(registry) == sound


def test_half_of_an_upload_is_spared_while_its_newest_object_is_young(file_store: FileStore, tmp_path: Path) -> None:
    for name in ("model.safetensors", "card.html"):
        file_store.put(f"models/{HALF}/{name}", b"half")
    age(tmp_path / "store" / "models" / HALF / "model.safetensors", hours=30)
    assert Registry(file_store).prune(5).leftovers == []
    age(tmp_path / "store" / "models" / HALF / "card.html", hours=30)
    assert len(Registry(file_store).prune(5).leftovers) == 2


def test_versions_and_foreign_objects_are_never_swept(registry: Registry, tmp_path: Path) -> None:
    version = publish(registry)
    for key in ("models/notes/README.md", "models/README.md", "backup.tar", f"{folder_of(version)}extra.svg"):
        registry.store.put(key, b"somebody's own")
    before = keys(registry)
    assert registry.prune(5, now=in_hours(10_000)).leftovers == []
    assert keys(registry) == before
    registry.load(version, tmp_path)


def test_version_whose_removal_was_cut_short_is_swept_a_day_later(registry: Registry) -> None:
    version = publish(registry)
    registry.store.put(new_note(version, REMOVING), b"")
    registry.store.delete(manifest_key(version))
    registry.prune(5)
    assert registry.prune(5, now=in_hours(25)).leftovers != []
    assert keys(registry) == ["current.json"]


def test_note_of_a_promotion_is_swept_as_soon_as_current_json_changed(registry: Registry) -> None:
    first = publish(registry)
    state = registry.pointer_state()
    note = new_note(first, PROMOTING)
    registry.store.put(note, (state.etag or "").encode())
    assert registry.prune(5).leftovers == []
    publish(registry)
    assert registry.prune(5).leftovers == [note]


@pytest.mark.parametrize("kind", [PROMOTING, REMOVING])
def test_note_of_a_process_that_died_is_swept_after_a_day(registry: Registry, kind: str) -> None:
    version = publish(registry)
    note = new_note(version, kind)
    registry.store.put(note, (registry.pointer_state().etag or "").encode())
    assert registry.prune(5, now=in_hours(23)).leftovers == []
    assert registry.prune(5, now=in_hours(25)).leftovers == [note]
    assert [summary.version for summary in registry.versions()] == [version]


def test_temporary_files_of_the_file_store_are_swept_after_a_day(file_store: FileStore, tmp_path: Path) -> None:
    version = publish(Registry(file_store))
    old = tmp_path / "store" / "models" / version / ".writing-old"
    young = tmp_path / "store" / ".writing-young"
    for path in (old, young):
        path.write_bytes(b"half")
    age(old, hours=25)
    assert Registry(file_store).prune(5).leftovers == [f"models/{version}/.writing-old"]
    assert young.exists()


def age(path: Path, *, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
