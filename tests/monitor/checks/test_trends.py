"""A figure that goes the wrong way for many runs is found, and one odd run is not."""

from dataclasses import replace

import pytest

from monitor.checks.judgement import Verdict
from monitor.observation import Observation
from monitor.trends import Trend, trends_of
from registry.history import Outcome, Run
from tests.monitor.checks.looking import a_run, found, judged


def runs(figure: str, *values: float) -> tuple[Run, ...]:
    return tuple(a_run().model_copy(update={figure: value}) for value in values)


def test_line_is_through_the_medians_of_all_slopes() -> None:
    trend = Trend("n_users", (100, 110, 500, 130, 140))
    assert (trend.slope, trend.begin, trend.change) == (10, 100, 0.4)
    assert Trend("n_users", (0, 0, 0, 0)).change is None


def test_trends_are_of_the_last_promoted_runs() -> None:
    history = [*runs("n_users", 1, 2, 3, 4), a_run(Outcome.REJECTED, n_users=99), *runs("n_users", 5, 6)]
    assert trends_of(history, 5)["n_users"].values == (2, 3, 4, 5, 6)
    assert "n_users" not in trends_of(runs("n_users", 1, 2, 3), 8)


def test_runs_that_take_ever_longer_are_a_warning(well: Observation) -> None:
    longer = [100.0, 120, 145, 160, 180, 200, 220, 240]
    seen = replace(well, runs=runs("duration_seconds", *longer))
    assert found(seen) == [("duration_trend", Verdict.WARN)]
    assert "(100 to 240 s), and MAX_DURATION_GROWTH is 100%" in judged(seen, "duration_trend").message
    assert found(replace(well, runs=runs("duration_seconds", *longer[:-1], 900.0)), max_duration_growth=2) == []


def test_what_takes_seconds_may_take_more(well: Observation) -> None:
    assert found(replace(well, runs=runs("duration_seconds", 1, 2, 3, 4, 5))) == []


def test_one_slow_run_is_no_trend(well: Observation) -> None:
    assert found(replace(well, runs=runs("duration_seconds", 100, 101, 99, 100, 900))) == []


@pytest.mark.parametrize(("last", "checks"), [(720, []), (640, [("size_trend", Verdict.WARN)])])
def test_model_that_rests_on_ever_less_is_a_warning(
    well: Observation, last: int, checks: list[tuple[str, Verdict]]
) -> None:
    step = (1000 - last) // 4
    seen = replace(well, runs=runs("n_interactions", *range(1000, last - 1, -step)))
    assert found(seen) == checks


def test_recipe_that_does_ever_worse_is_a_warning(well: Observation) -> None:
    def on_holdout(*ndcg: float) -> Observation:
        holdouts = [{"candidate": {"ndcg": {"mean": one, "low": one, "high": one}}} for one in ndcg]
        return replace(well, runs=tuple(a_run(holdout=holdout) for holdout in holdouts))

    assert found(on_holdout(0.3, 0.29, 0.28, 0.27)) == []
    assert found(on_holdout(0.3, 0.26, 0.22, 0.19)) == [("quality_trend", Verdict.WARN)]
