"""Every sentence of registry/objects.py, on every backend."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.objects import ObjectChangedError, ObjectExistsError, ObjectMissingError, ObjectStore
from registry.s3 import S3Store
from tests.registry.racing import race

KEYS = ["current.json", "models/20250105T020000Z-1f3c9a2e/manifest.json", "a key/ü+%/100%", "deep/" * 20 + "end"]


@pytest.mark.parametrize("key", KEYS)
def test_get_gives_what_put_wrote(store: ObjectStore, key: str) -> None:
    store.put(key, b"\x00body\r\n")
    assert store.get(key).body == b"\x00body\r\n"
    assert [info.key for info in store.list("")] == [key]


@pytest.mark.parametrize("body", [b"", b"body", bytes(range(256)) * 20_000], ids=["empty", "small", "5 MB"])
def test_put_takes_a_file_as_it_takes_bytes(store: ObjectStore, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "source").write_bytes(body)
    store.put("from file", tmp_path / "source")
    store.put("from bytes", body)
    assert store.get("from file").body == store.get("from bytes").body == body
    assert (tmp_path / "source").read_bytes() == body


def test_fetch_gives_a_local_file_of_the_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put("models/v/model", b"body")
    assert store.fetch("models/v/model", tmp_path).read_bytes() == b"body"


def test_fetched_file_outlives_its_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put("key", b"old")
    with store.fetch("key", tmp_path).open("rb") as mapped:
        store.put("key", b"new body")
        store.fetch("key", tmp_path)
        store.delete("key")
        assert mapped.read() == b"old"


def test_missing_object_is_an_error_that_names_it(store: ObjectStore, tmp_path: Path) -> None:
    for read in (lambda: store.get("models/none"), lambda: store.fetch("models/none", tmp_path)):
        with pytest.raises(ObjectMissingError, match=r"cannot read .*/models/none: it is not there"):
            read()


def test_folder_is_no_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put("models/v/manifest.json", b"{}")
    for read in (lambda: store.get("models/v"), lambda: store.fetch("models/v", tmp_path)):
        with pytest.raises(ObjectMissingError):
            read()


def test_etag_is_the_same_from_put_and_get_and_changes_with_the_bytes(store: ObjectStore) -> None:
    first = store.put("key", b"one")
    assert store.get("key").etag == first
    second = store.put("key", b"two")
    assert store.get("key").etag == second != first


def test_put_if_match_replaces_the_object_of_that_etag(store: ObjectStore) -> None:
    etag = store.put("key", b"old")
    assert store.put("key", b"new", if_match=etag) == store.get("key").etag
    assert store.get("key").body == b"new"


def test_put_if_match_refuses_an_object_that_changed(store: ObjectStore) -> None:
    stale = store.put("key", b"old")
    store.put("key", b"theirs")
    with pytest.raises(ObjectChangedError, match="key"):
        store.put("key", b"mine", if_match=stale)
    assert store.get("key").body == b"theirs"


def test_put_if_match_refuses_an_object_that_was_deleted(store: ObjectStore) -> None:
    stale = store.put("key", b"old")
    store.delete("key")
    with pytest.raises(ObjectChangedError, match="key"):
        store.put("key", b"mine", if_match=stale)
    assert list(store.list("")) == []


def test_put_if_none_match_creates(store: ObjectStore) -> None:
    assert store.put("key", b"new", if_none_match=True) == store.get("key").etag
    assert store.get("key").body == b"new"


@pytest.mark.parametrize("body", [b"other body", b"same body"])
def test_put_if_none_match_refuses_an_object_that_is_there(store: ObjectStore, body: bytes) -> None:
    store.put("key", b"same body")
    with pytest.raises(ObjectExistsError, match="key"):
        store.put("key", body, if_none_match=True)
    assert store.get("key").body == b"same body"


def test_delete_removes_and_may_be_done_again(store: ObjectStore) -> None:
    store.put("models/v/model", b"body")
    store.put("models/w/model", b"body")
    for _ in range(2):
        store.delete("models/v/model")
    assert [info.key for info in store.list("")] == ["models/w/model"]


def test_delete_in_an_empty_store_succeeds(store: ObjectStore) -> None:
    store.delete("models/v/model")
    assert list(store.list("")) == []


def test_list_is_in_the_order_of_keys_whatever_the_order_of_writing(store: ObjectStore) -> None:
    keys = ["b", "a/z", "a-b", "a/b/c", "é", "Z", "🛒", "ﬁ"]
    for key in keys:
        store.put(key, b"")
    assert [info.key for info in store.list("")] == sorted(keys)


def test_list_takes_a_prefix_of_the_key_not_a_folder(store: ObjectStore) -> None:
    for key in ("models/2025-a/model", "models/2025-b/model", "models/2026/model", "metrics.json"):
        store.put(key, b"")
    assert [info.key for info in store.list("models/2025")] == ["models/2025-a/model", "models/2025-b/model"]
    assert [info.key for info in store.list("models/2025-a/")] == ["models/2025-a/model"]
    assert list(store.list("nothing")) == []


def test_list_gives_sizes_and_times(store: ObjectStore) -> None:
    store.put("key", b"12345")
    (info,) = store.list("")
    assert info.size_bytes == 5
    assert abs(info.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_empty_store_lists_nothing(store: ObjectStore) -> None:
    assert list(store.list("")) == []


def test_list_goes_beyond_a_page_of_1000(s3_store: S3Store) -> None:
    keys = [f"models/{number:04}" for number in range(1001)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: s3_store.put(key, b""), keys))
    assert [info.key for info in s3_store.list("models/")] == keys


def test_discarding_unfinished_writes_removes_no_object(store: ObjectStore) -> None:
    for key in KEYS:
        store.put(key, b"body")
    later = datetime.now(UTC) + timedelta(days=1)
    assert list(store.discard_unfinished("", later)) == []
    assert sorted(info.key for info in store.list("")) == sorted(KEYS)


def test_discarding_unfinished_writes_disturbs_none_that_is_under_way(store: ObjectStore) -> None:
    done = threading.Event()

    def write() -> None:
        for number in range(60):
            store.put(f"models/{number}/model", b"body")
            store.delete(f"models/{number}/model")
        done.set()

    def discard() -> list[str]:
        found: list[str] = []
        while not done.is_set():
            found += store.discard_unfinished("", datetime.now(UTC) - timedelta(hours=1))
        return found

    assert race(write, discard) == [None, []]


def test_unfinished_writes_of_files_are_discarded_below_the_prefix_with_folders_left_empty(tmp_path: Path) -> None:
    for folder in ("models/a", "models/b/c", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    for path in ("models/a/.writing-1", "elsewhere/.writing-2", ".writing-3"):
        (tmp_path / path).write_bytes(b"half")
    store, later = FileStore(tmp_path), datetime.now(UTC) + timedelta(minutes=1)
    discarded = ["models/a/.writing-1", "models/a", "models/b/c", "models/b", "models"]
    assert sorted(store.discard_unfinished("models", later)) == sorted(discarded)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".writing-2", ".writing-3", "elsewhere"]


def test_put_survives_that_its_folder_is_removed_again_and_again(file_store: FileStore) -> None:
    def write(name: str) -> None:
        for _ in range(300):
            file_store.put(f"models/v/{name}", b"body")
            file_store.delete(f"models/v/{name}")

    assert race(*[partial(write, str(number)) for number in range(4)]) == [None] * 4
