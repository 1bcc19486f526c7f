"""What counts as usual in a shop."""

from datetime import UTC, datetime
from typing import Any

from registry.history import Outcome, Run
from registry.usual import usual_of

NOW = datetime(2025, 1, 5, 2, tzinfo=UTC)


def a_run(outcome: Outcome = Outcome.PROMOTED, **figures: Any) -> Run:  # noqa: ANN401 (fields of Run)
    return Run(timestamp=NOW, outcome=outcome, duration_seconds=1.0, **figures)


def users(history: list[Run]) -> float | None:
    return usual_of(history).of(lambda run: run.n_users)


def test_usual_is_the_median_of_the_last_five_promoted_runs() -> None:
    history = [a_run(n_users=count) for count in (1, 1, 100, 500, 110, 90, 105)]
    assert users(history) == 105


def test_runs_that_went_not_live_and_backfills_do_not_count() -> None:
    others = [a_run(outcome, n_users=1) for outcome in Outcome if outcome is not Outcome.PROMOTED]
    assert users([a_run(n_users=100), *others, a_run(n_users=2, as_of=NOW)]) == 100


def test_forced_run_is_where_a_new_habit_begins() -> None:
    forced = a_run(n_users=50, forced={"by": "eve", "reason": "we sold half of the shop"})
    assert users([*[a_run(n_users=100)] * 4, forced]) == 50
    assert users([*[a_run(n_users=100)] * 4, forced, a_run(n_users=52)]) == 51


def test_runs_of_an_older_program_that_know_no_events_leave_them_open() -> None:
    old = Run(timestamp=NOW, outcome=Outcome.PROMOTED, duration_seconds=1, n_users=10)
    assert usual_of([old]).kinds() == []
    assert usual_of([old]).of(lambda run: run.data.get("busiest_users_share")) is None
    assert str(usual_of([old])) == "the last accepted run"
    assert str(usual_of([old, old])) == "the median of the last 2 accepted runs"
