"""Logs of the last runs are kept, and no others: on every backend."""

from datetime import UTC, datetime, timedelta, timezone

from registry.objects import ObjectStore
from registry.run_logs import KEPT_LOGS, LARGEST_LOG_BYTES, RUN_LOGS, read_run_log, write_run_log

FIRST = datetime(2025, 1, 5, 2, 0, 0, 123456, tzinfo=UTC)


def test_log_is_found_by_the_time_of_its_run(store: ObjectStore) -> None:
    write_run_log(store, FIRST, "one\ntwo ü\n")
    assert read_run_log(store, FIRST) == ["one", "two ü"]
    assert read_run_log(store, FIRST.astimezone(timezone(timedelta(hours=7)))) == ["one", "two ü"]
    assert [info.key for info in store.list(RUN_LOGS)] == ["runs/20250105T020000.123456Z.log"]


def test_run_without_a_log_has_no_lines(store: ObjectStore) -> None:
    assert read_run_log(store, FIRST) == []


def test_newest_logs_are_kept(store: ObjectStore) -> None:
    times = [FIRST + timedelta(hours=hours) for hours in range(KEPT_LOGS + 3)]
    for place, time in enumerate(times):
        write_run_log(store, time, str(place))
    assert [read_run_log(store, time) for time in times] == [[]] * 3 + [[str(place)] for place in range(3, 23)]


def test_end_of_a_long_log_is_kept(store: ObjectStore) -> None:
    write_run_log(store, FIRST, "a\n" * LARGEST_LOG_BYTES + "the end\n")
    lines = read_run_log(store, FIRST)
    assert lines[-1] == "the end"
    assert sum(len(line) + 1 for line in lines) == LARGEST_LOG_BYTES


def test_what_is_no_text_is_shown_as_it_may_be(store: ObjectStore) -> None:
    write_run_log(store, FIRST, "half \ud800 of a pair\n")
    assert read_run_log(store, FIRST) == ["half ? of a pair"]
    store.put("runs/20250105T020000.123456Z.log", b"\xff\n")
    assert read_run_log(store, FIRST) == ["\ufffd"]
