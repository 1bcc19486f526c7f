"""`--action runs`: how the last runs ended, and what the newest one logged."""

from datetime import UTC, datetime, timedelta

from registry.history import Outcome, Run, append_run
from registry.registry import Registry
from registry.run_logs import KEPT_LOGS, write_run_log
from tests.monitor.conftest import Command

FIRST = datetime(2025, 1, 5, 2, tzinfo=UTC)


def two_runs(registry: Registry) -> None:
    figures = {"n_users": 1200, "n_products": 33, "events": {"view": 3173, "purchase": 8014}}
    promoted = Run(timestamp=FIRST, outcome=Outcome.PROMOTED, duration_seconds=12.34, **figures)
    next_day = FIRST + timedelta(days=1)
    failed = Run(timestamp=next_day, outcome=Outcome.FAILED, duration_seconds=1, reason="no\n database")
    for run, log in ((promoted, "all went well\n"), (failed, "Connecting...\nno database\n")):
        append_run(registry.store, run)
        write_run_log(registry.store, run.timestamp, log)


def test_runs_are_listed_newest_first_with_the_end_of_the_newest_log(monitor: Command, registry: Registry) -> None:
    two_runs(registry)
    ended = monitor("--action", "runs")
    assert ended.exit_code == 0
    lines = ended.out.splitlines()
    assert lines[1].startswith("RUNS: the last 2 in file:///")
    assert lines[4:7] == [
        "TIME                  OUTCOME   SECONDS  USERS x PRODUCTS  EVENTS                      WHY",
        "2025-01-06 02:00 UTC  failed    1.0                                                    no database",
        "2025-01-05 02:00 UTC  promoted  12.3     1,200 x 33        8,014 purchase, 3,173 view",
    ]
    assert lines[8:] == ["The end of the newest one's log", "  Connecting...", "  no database"]


def test_json_has_each_run_with_its_log(monitor: Command, registry: Registry) -> None:
    two_runs(registry)
    runs = monitor("--action", "runs", "--format", "json").report["runs"]
    assert [(run["outcome"], run["log"]) for run in runs] == [
        ("failed", ["Connecting...", "no database"]),
        ("promoted", ["all went well"]),
    ]
    assert runs[1]["events"] == {"view": 3173, "purchase": 8014}


def test_as_many_runs_are_listed_as_logs_are_kept(monitor: Command, registry: Registry) -> None:
    for number in range(KEPT_LOGS + 5):
        run = Run(timestamp=FIRST + timedelta(days=number), outcome=Outcome.REJECTED, duration_seconds=number)
        append_run(registry.store, run)
    runs = monitor("--action", "runs", "--format", "json").report["runs"]
    assert [run["duration_seconds"] for run in runs] == list(range(24, 4, -1))
    assert {tuple(run["log"]) for run in runs} == {()}


def test_store_without_runs_says_what_to_do(monitor: Command) -> None:
    ended = monitor("--action", "runs")
    assert (ended.exit_code, "None yet: train with `python -m trainer`" in ended.out) == (0, True)
