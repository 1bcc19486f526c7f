"""A folder that is read-only, full, or no folder at all: one line and the right exit code, and nothing is lost."""

from contextlib import suppress
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.manifest import MODEL_FILE
from registry.objects import ObjectMissingError, StoreRefusedError, StoreUnavailableError
from registry.registry import Registry
from runtime.errors import Exit
from tests.builders import publish
from tests.parts.small_disk import SmallDisk
from tests.registry.operations import ALL, KEY, READING, WRITING, assert_all_fail


def test_read_only_disk_is_a_wrong_setting_and_can_be_read(disk_of_128_kilobytes: SmallDisk, tmp_path: Path) -> None:
    store = FileStore(disk_of_128_kilobytes.path)
    store.put(KEY, b"kept")
    disk_of_128_kilobytes.make_read_only()
    place = str(disk_of_128_kilobytes.path)
    assert_all_fail(WRITING, store, tmp_path, Exit.BAD_SETTINGS, place, "Read-only", "STORE_URL")
    for operation in READING.values():
        operation(store, tmp_path)
    assert store.get(KEY).body == b"kept"


def test_full_disk_is_worth_another_try_and_keeps_what_was_there(
    disk_of_128_kilobytes: SmallDisk, tmp_path: Path
) -> None:
    store = FileStore(disk_of_128_kilobytes.path)
    store.put(KEY, b"kept")
    fill(disk_of_128_kilobytes)
    writes = {name: operation for name, operation in WRITING.items() if name != "delete"}
    assert_all_fail(writes, store, tmp_path, Exit.TRY_AGAIN, str(disk_of_128_kilobytes.path), "No space left")
    assert [(info.key, store.get(info.key).body) for info in store.list("")] == [(KEY, b"kept")]
    assert [path.name for path in (disk_of_128_kilobytes.path / "models").iterdir()] == ["key"]


def test_model_larger_than_the_disk_leaves_the_current_one_in_service(
    disk_of_128_kilobytes: SmallDisk, tmp_path: Path
) -> None:
    registry = Registry(FileStore(disk_of_128_kilobytes.path))
    version = publish(registry)
    fill(disk_of_128_kilobytes)
    (tmp_path / "large").write_bytes(bytes(200_000))
    assert_all_fail(
        {"write": lambda store, _: store.put(KEY, tmp_path / "large")}, registry.store, tmp_path, Exit.TRY_AGAIN
    )
    pointer = registry.current()
    assert pointer is not None
    assert pointer.version == version
    assert len(registry.load(version, tmp_path).products) == 5


def test_model_that_the_file_system_cannot_read_is_worth_another_try(tmp_path: Path) -> None:
    registry = Registry(FileStore(tmp_path / "store"))
    version = publish(registry)
    model = tmp_path / "store" / "models" / version / MODEL_FILE
    model.unlink()
    model.symlink_to("/proc/self/mem")  # can be opened; its first byte cannot be read: an input/output error
    with pytest.raises(StoreUnavailableError, match=rf"cannot read {MODEL_FILE} of {version}: Input/output error"):
        registry.load(version, tmp_path)


def fill(disk: SmallDisk) -> None:
    with suppress(OSError), (disk.path / ".filling").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("key", ["current.json", "models/key"])
def test_file_in_the_place_of_the_folder_is_a_wrong_setting(key: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for store in (FileStore(tmp_path / "file"), FileStore(tmp_path / "file" / "below")):
        with pytest.raises(StoreRefusedError, match=r"cannot write .*file.*: Not a directory\. STORE_URL must name"):
            store.put(key, b"body")


def test_folder_that_is_not_there_yet_is_an_empty_store_until_it_is_written_to(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "not" / "yet")
    assert list(store.list("")) == []
    for operation in (ALL["read"], ALL["read to a file"]):
        with pytest.raises(ObjectMissingError):
            operation(store, tmp_path)
    store.put(KEY, b"body")
    assert store.get(KEY).body == b"body"


@pytest.mark.parametrize("key", ["", "../outside", "models/../../outside", "/etc/hostname"])
def test_key_that_leads_outside_the_folder_is_no_key(key: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    store = FileStore(tmp_path / "store")
    for operation in (store.get, store.delete, lambda key: store.put(key, b"")):
        with pytest.raises(ObjectMissingError, match="is no key of a store"):
            operation(key)
    assert (tmp_path / "outside").read_text() == "secret"
