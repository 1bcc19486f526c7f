"""metrics.json is bounded, and nothing that anybody writes there breaks it."""

import json

import pytest

from registry.entries import KEPT_ENTRIES, KEPT_WHOLE, LARGEST_BYTES, LARGEST_ENTRY_BYTES
from registry.files import FileStore
from registry.history import HISTORY_KEY, Outcome, Run, append_run, read_history
from tests.registry.test_history import FIRST, a_run


def a_full_run(number: int) -> Run:
    """A run with all that it may record, as large as a run of many rules is."""
    ruling = {"rule": "fewer_events", "action": "reject", "threshold": 0.5, "measured": 0.91, "verdict": "passed"}
    sides = {side: {f"recall@{k}": [0.1, 0.05, 0.15] for k in range(30)} for side in ("candidate", "champion")}
    return a_run(number).model_copy(update={"gate": [{**ruling, "sentence": "x" * 150}] * 15, "holdout": sides})


def test_a_thousand_runs_with_fifteen_rulings_each_stay_small_and_the_newest_stay_whole(file_store: FileStore) -> None:
    entries = [a_full_run(number).model_dump(mode="json") for number in range(KEPT_ENTRIES)]
    file_store.put(HISTORY_KEY, json.dumps(entries).encode())
    for number in range(KEPT_ENTRIES, KEPT_ENTRIES + 5):
        append_run(file_store, a_full_run(number))
    runs = read_history(file_store)
    assert [run.n_users for run in runs] == list(range(5, KEPT_ENTRIES + 5))
    assert runs[-KEPT_WHOLE:] == [a_full_run(number) for number in range(KEPT_ENTRIES + 5)][-KEPT_WHOLE:]
    assert [run.gate for run in runs[:-KEPT_WHOLE]] == [[]] * (KEPT_ENTRIES - KEPT_WHOLE)
    assert len(file_store.get(HISTORY_KEY).body) < 2_000_000


def foreign(**fields: object) -> dict[str, object]:
    return {**a_run(7).model_dump(mode="json"), **fields}


FOREIGN: dict[str, object] = {
    "outcome of a newer program": foreign(outcome="cancelled"),
    "no run": {"note": "hello"},
    "no object": 17,
    "null": None,
    "count that is text": foreign(n_users="many"),
    "count without end": foreign(n_users=10**40),
    "time without end": foreign(timestamp=10**300),
    "time of no zone": foreign(timestamp="2025-01-05T02:00:00"),
    "gate that is none": foreign(gate="yes"),
}


@pytest.mark.parametrize("entry", FOREIGN.values(), ids=FOREIGN)
def test_entry_that_is_none_of_a_run_is_left_out_and_carried_along(file_store: FileStore, entry: object) -> None:
    append_run(file_store, a_run(1))
    (own,) = json.loads(file_store.get(HISTORY_KEY).body)
    file_store.put(HISTORY_KEY, json.dumps([own, entry]).encode())
    append_run(file_store, a_run(2))
    assert read_history(file_store) == [a_run(1), a_run(2)]
    assert json.loads(file_store.get(HISTORY_KEY).body)[1] == entry


HOSTILE: dict[str, dict[str, object]] = {
    "names of methods": foreign(model_dump="x", copy=1, __class__="y", model_fields_set=[], __dict__={}, self=1),
    "deep": foreign(deep=json.loads("[" * 150 + "]" * 150)),
    "number that is not finite": foreign(novelty=float("nan"), sparsity=float("inf")),
    "name that is empty": foreign(**{"": 0}),
    "large": foreign(note="x" * 3_000_000),
}


@pytest.mark.parametrize("entry", HOSTILE.values(), ids=HOSTILE)
def test_hostile_entry_neither_breaks_reading_nor_costs_another_entry(
    file_store: FileStore, entry: dict[str, object]
) -> None:
    file_store.put(HISTORY_KEY, json.dumps([a_run(1).model_dump(mode="json"), entry]).encode())
    for number in range(2, 5):
        append_run(file_store, a_run(number))
    runs = read_history(file_store)
    assert [run for run in runs if run.n_users != 7] == [a_run(number) for number in range(1, 5)]
    assert len(file_store.get(HISTORY_KEY).body) < 3 * LARGEST_ENTRY_BYTES
    assert [run.n_users for run in runs if run.n_users == 7] == [7]


def test_history_is_bounded_in_bytes_whatever_is_written_there(file_store: FileStore) -> None:
    entries = [foreign(note="x" * 60_000, n_products=number) for number in range(150)]
    file_store.put(HISTORY_KEY, json.dumps(entries).encode())
    append_run(file_store, a_run(1))
    runs = read_history(file_store)
    assert 0.9 * LARGEST_BYTES < len(file_store.get(HISTORY_KEY).body) <= 1.01 * LARGEST_BYTES
    assert runs[-1] == a_run(1)
    assert [run.n_products for run in runs[:-1]] == list(range(150))[-len(runs) + 1 :]


def test_figure_that_is_no_number_is_recorded_as_not_known(file_store: FileStore) -> None:
    run = a_run(1).model_copy(update={"sparsity": float("nan"), "data": {"good": 1.0, "bad": float("inf")}})
    append_run(file_store, run)
    (read,) = read_history(file_store)
    assert (read.sparsity, read.data) == (None, {"good": 1.0})
    json.loads(file_store.get(HISTORY_KEY).body, parse_constant=pytest.fail)


def test_reason_that_is_no_text_does_not_cost_the_run_its_entry(file_store: FileStore) -> None:
    run = Run(timestamp=FIRST, outcome=Outcome.FAILED, duration_seconds=0.1, reason="no file \udcff here")
    append_run(file_store, run)
    assert [run.reason for run in read_history(file_store)] == ["no file ? here"]
