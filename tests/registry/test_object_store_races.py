"""What the contract promises to many at once, on every backend, between threads and between processes."""

import threading
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.objects import ObjectChangedError, ObjectExistsError, ObjectMissingError, ObjectStore
from tests.registry.racing import race, race_processes

ROUNDS = range(6)
EIGHT = range(8)
BODIES = {"different": [f"writer {number}".encode() for number in EIGHT], "equal": [b"the same"] * 8}


@pytest.mark.parametrize("bodies", BODIES.values(), ids=BODIES)
def test_exactly_one_of_eight_creators_wins(store: ObjectStore, bodies: list[bytes]) -> None:
    for number in ROUNDS:
        key = f"key-{number}"
        results = race(*[partial(store.put, key, body, if_none_match=True) for body in bodies])
        (winner,) = [writer for writer in EIGHT if isinstance(results[writer], str)]
        assert store.get(key).body == bodies[winner]
        assert store.get(key).etag == results[winner]
        assert sum(isinstance(result, ObjectExistsError) for result in results) == 7


def test_exactly_one_of_eight_holders_of_an_etag_wins(store: ObjectStore) -> None:
    etag = store.put("key", b"start")
    for _ in ROUNDS:
        results = race(
            *[partial(store.put, "key", etag.encode() + body, if_match=etag) for body in BODIES["different"]]
        )
        (winner,) = [writer for writer in EIGHT if isinstance(results[writer], str)]
        stored = store.get("key")
        assert stored.body == etag.encode() + BODIES["different"][winner]
        assert sum(isinstance(result, ObjectChangedError) for result in results) == 7
        etag = stored.etag


def test_each_writer_gets_the_etag_of_its_own_write(store: ObjectStore) -> None:
    def write(writer: int) -> dict[str, int]:
        return {store.put("key", b"%d %d" % (writer, number)): number for number in range(25)}

    results = race(*[partial(write, writer) for writer in range(4)])
    given = Counter(etag for result in results if isinstance(result, dict) for etag in result)
    assert len(given) == 100
    assert set(given.values()) == {1}


def test_reader_sees_a_whole_object_or_none_while_it_is_rewritten(store: ObjectStore, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> int:
        for number in range(30):
            store.put("key", bytes([number]) * (200_000 + number))
            if number % 10 == 9:
                store.delete("key")
        done.set()
        return 0

    def read(fetch: bool) -> int:
        torn = 0
        while not done.is_set():
            try:
                body = store.fetch("key", tmp_path).read_bytes() if fetch else store.get("key").body
            except (ObjectMissingError, FileNotFoundError):
                continue
            torn += body != bytes(body[:1]) * (200_000 + body[0])
        return torn

    assert race(write, partial(read, False), partial(read, True)) == [0, 0, 0]


def test_list_goes_on_while_objects_come_and_go(store: ObjectStore) -> None:
    done = threading.Event()
    store.put("models/kept", b"")

    def come_and_go() -> None:
        for number in range(60):
            store.put(f"models/{number}/model", b"")
            store.delete(f"models/{number}/model")
        done.set()

    def look() -> None:
        while not done.is_set():
            assert "models/kept" in [info.key for info in store.list("models/")]

    assert race(come_and_go, look) == [None, None]


def test_exactly_one_of_eight_processes_creates_a_file(file_store: FileStore, tmp_path: Path) -> None:
    script = """
from registry.files import FileStore
from registry.objects import ObjectExistsError
store, won = FileStore(folder), []
start()
for number in range(40):
    try:
        store.put(f"key-{number}", f"writer {me}".encode(), if_none_match=True)
        won.append(number)
    except ObjectExistsError:
        pass
print(json.dumps(won))
"""
    won = race_processes(script, tmp_path / "store", 8)
    assert sorted(number for mine in won for number in mine) == list(range(40))
    for writer, mine in enumerate(won):
        assert {file_store.get(f"key-{number}").body for number in mine} <= {f"writer {writer}".encode()}


def test_no_increment_of_eight_processes_is_lost(file_store: FileStore, tmp_path: Path) -> None:
    file_store.put("count", b"0")
    script = """
from registry.files import FileStore
from registry.objects import ObjectChangedError
store, done = FileStore(folder), 0
start()
while done < 25:
    seen = store.get("count")
    try:
        store.put("count", str(int(seen.body) + 1).encode(), if_match=seen.etag)
        done += 1
    except ObjectChangedError:
        pass
print("[]")
"""
    race_processes(script, tmp_path / "store", 8)
    assert file_store.get("count").body == b"200"
