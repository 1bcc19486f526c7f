"""metrics.json loses no run, and health.json holds the last report: on every backend."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.history import (
    HEALTH_KEY,
    HISTORY_KEY,
    Outcome,
    Run,
    append_run,
    read_health,
    read_history,
    write_health,
)
from registry.objects import ObjectStore
from registry.set_aside import KEPT_ASIDE
from registry.settings import StoreSettings, open_store
from tests.registry.racing import race, race_processes

FIRST = datetime(2025, 1, 5, 2, tzinfo=UTC)


def a_run(number: int, outcome: Outcome = Outcome.PROMOTED) -> Run:
    return Run(timestamp=FIRST + timedelta(seconds=number), outcome=outcome, duration_seconds=0.5, n_users=number)


def test_empty_store_has_no_history(store: ObjectStore) -> None:
    assert read_history(store) == []


def test_runs_are_read_as_they_were_appended_oldest_first(store: ObjectStore) -> None:
    runs = [a_run(1), a_run(2, Outcome.REJECTED), a_run(3, Outcome.FAILED)]
    for run in runs:
        append_run(store, run)
    assert read_history(store) == runs


def test_entries_have_the_names_that_readers_rely_on(store: ObjectStore) -> None:
    append_run(store, a_run(1))
    (entry,) = json.loads(store.get(HISTORY_KEY).body)
    fixed = ["timestamp", "trained_at", "n_users", "n_products", "n_interactions", "sparsity", "similarity_density"]
    assert set(entry) >= {*fixed, "avg_similarity", "version", "outcome", "duration_seconds"}
    assert (entry["outcome"], entry["n_users"], entry["version"]) == ("promoted", 1, None)


def test_what_a_newer_program_recorded_is_kept(store: ObjectStore) -> None:
    entry = {**a_run(1).model_dump(mode="json"), "novelty": 0.5}
    store.put(HISTORY_KEY, json.dumps([entry]).encode())
    append_run(store, a_run(2))
    assert json.loads(store.get(HISTORY_KEY).body)[0] == entry


def test_four_appenders_at_once_lose_no_run(store: ObjectStore) -> None:
    def append(writer: int) -> None:
        for number in range(5):
            append_run(store, a_run(10 * writer + number))

    assert race(*[partial(append, writer) for writer in range(4)]) == [None] * 4
    assert sorted(run.n_users or 0 for run in read_history(store)) == [10 * w + n for w in range(4) for n in range(5)]


def test_four_processes_at_once_lose_no_run(file_store: FileStore, tmp_path: Path) -> None:
    script = """
from datetime import UTC, datetime
from registry.files import FileStore
from registry.history import Outcome, Run, append_run
start()
for number in range(25):
    run = Run(timestamp=datetime.now(UTC), outcome=Outcome.PROMOTED, duration_seconds=0, n_users=100 * me + number)
    append_run(FileStore(folder), run)
print("[]")
"""
    race_processes(script, tmp_path / "store", 4)
    written = sorted(run.n_users or 0 for run in read_history(file_store))
    assert written == [100 * writer + number for writer in range(4) for number in range(25)]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"\xff", b'[{"outcome": "promoted"}]', b"[" * 100_000])
def test_damaged_history_is_set_aside_and_a_new_one_begun(file_store: FileStore, body: bytes) -> None:
    file_store.put(HISTORY_KEY, body)
    assert read_history(file_store) == []
    append_run(file_store, a_run(1))
    assert read_history(file_store) == [a_run(1)]
    (aside,) = file_store.list(f"{HISTORY_KEY}.damaged-")
    assert file_store.get(aside.key).body == body


def test_the_newest_few_damaged_histories_are_kept_and_each_once(store: ObjectStore) -> None:
    for number in range(5):
        for _ in range(2):
            store.put(HISTORY_KEY, b"damage %d" % number)
            append_run(store, a_run(number))
    aside = {store.get(info.key).body for info in store.list(f"{HISTORY_KEY}.damaged-")}
    assert len(aside) == KEPT_ASIDE
    assert b"damage 4" in aside


@pytest.mark.parametrize("kind", ["files", "s3"])
def test_processes_that_append_at_once_lose_no_run_and_keep_the_order_of_each(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = (tmp_path / "store").as_uri() if kind == "files" else request.getfixturevalue("s3_settings")
    script = f"""
from datetime import UTC, datetime
from registry.history import Outcome, Run, append_run
from registry.settings import StoreSettings, open_store
store = open_store(StoreSettings.load(store_url={url!r}))
start()
for number in range(12):
    gate = [{{"rule": str(rule), "sentence": "x" * 200}} for rule in range(15)]
    run = Run(timestamp=datetime.now(UTC), outcome=Outcome.PROMOTED, duration_seconds=0, n_users=100 * me + number)
    append_run(store, run.model_copy(update={{"gate": gate}}))
print("[]")
"""
    race_processes(script, tmp_path, 4)
    written = [run.n_users or 0 for run in read_history(open_store(StoreSettings.load(store_url=url)))]
    for writer in range(4):
        mine = [number for number in written if number // 100 == writer]
        assert mine == [100 * writer + number for number in range(12)]


def test_last_report_replaces_the_one_before(store: ObjectStore) -> None:
    assert read_health(store) is None
    write_health(store, {"status": "HEALTHY"})
    write_health(store, {"status": "DEGRADED", "warnings": ["ü"]})
    assert read_health(store) == {"status": "DEGRADED", "warnings": ["ü"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_damaged_report_counts_as_none(file_store: FileStore, body: bytes) -> None:
    file_store.put(HEALTH_KEY, body)
    assert read_health(file_store) is None
