"""Runs that fail, are rejected or do not take place are found, however they end."""

from dataclasses import replace

import pytest

from monitor.checks.judgement import Verdict
from monitor.observation import Observation
from monitor.timetable import Timetable
from registry.history import Outcome
from tests.monitor.checks.looking import a_run, found, judged

PROMOTED, FAILED, REJECTED, PUBLISHED = Outcome.PROMOTED, Outcome.FAILED, Outcome.REJECTED, Outcome.PUBLISHED
INVALID, ROLLED_BACK = Outcome.INVALID, Outcome.ROLLED_BACK


def after(well: Observation, *outcomes: Outcome) -> Observation:
    return replace(well, runs=tuple(a_run(outcome) for outcome in outcomes))


@pytest.mark.parametrize(
    ("outcomes", "checks"),
    [
        ((PROMOTED, FAILED, INVALID), [("last_run", Verdict.WARN)]),
        ((PROMOTED, FAILED, INVALID, ROLLED_BACK), [("last_run", Verdict.WARN), ("failed_runs", Verdict.FAIL)]),
        ((FAILED, FAILED, FAILED, PROMOTED), []),
        ((REJECTED, REJECTED, REJECTED), [("last_run", Verdict.WARN), ("rejected_runs", Verdict.WARN)]),
        ((REJECTED, REJECTED, REJECTED, PUBLISHED), [("rejected_runs", Verdict.WARN)]),
        ((FAILED, REJECTED, FAILED, REJECTED), [("last_run", Verdict.WARN)]),
        ((FAILED, REJECTED) * 2 + (FAILED,), [("last_run", Verdict.WARN), ("unpromoted_runs", Verdict.WARN)]),
    ],
)
def test_runs_in_a_row_that_put_no_model_in_service(
    well: Observation, outcomes: tuple[Outcome, ...], checks: list[tuple[str, Verdict]]
) -> None:
    assert found(after(well, *outcomes)) == checks


def test_limits_of_runs_in_a_row_are_settings(well: Observation) -> None:
    assert ("failed_runs", Verdict.FAIL) not in found(after(well, FAILED, FAILED, FAILED), max_failed_runs=3)
    assert ("rejected_runs", Verdict.WARN) in found(after(well, REJECTED), max_rejected_runs=0)
    assert judged(after(well, REJECTED), "rejected_runs").value == 1


@pytest.mark.parametrize(
    ("timetable", "said"),
    [
        (Timetable("trainer", "0 2 * * *", n_missed=1), "should have started 1 runs that it did not"),
        (Timetable("trainer", "0 2 * * *", is_suspended=True, n_missed=0), "CronJob trainer is suspended"),
        (Timetable("trainer", trouble="cronjobs is forbidden"), "is not known: cronjobs is forbidden"),
    ],
)
def test_cronjob_that_starts_no_runs_is_a_warning(well: Observation, timetable: Timetable, said: str) -> None:
    seen = replace(well, timetable=timetable)
    assert found(seen) == [("missed_runs", Verdict.WARN)]
    assert said in judged(seen, "missed_runs").message


def test_cronjob_that_starts_its_runs_is_in_order(well: Observation) -> None:
    assert found(replace(well, timetable=Timetable("trainer", "0 2 * * *", n_missed=0))) == []
    assert found(replace(well, timetable=Timetable("trainer", "0 2 L * *", n_missed=None))) == []
    assert found(replace(well, timetable=Timetable("trainer", "0 2 * * *", n_missed=1)), max_missed_runs=1) == []
