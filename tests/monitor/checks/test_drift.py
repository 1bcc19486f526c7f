"""What changes between versions, against what is usual, and since the model was made, is found."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.checks.judgement import Verdict
from monitor.observation import Observation, observe
from registry.history import Outcome, Run
from registry.registry import Registry
from tests.builders import a_connected_model, publish
from tests.monitor.checks.looking import a_run, found, judged, message


def a_night(outcome: Outcome = Outcome.PROMOTED, **told: Any) -> Run:  # noqa: ANN401 (fields of Run)
    """A usual night's run, unless told otherwise."""
    usual = {"n_users": 100, "n_products": 50, "n_interactions": 1000, "events": {"purchase": 1000, "view": 3000}}
    return a_run(outcome, **(usual | told))


def tried(ours: tuple[float, float, float], theirs: tuple[float, float, float], **told: object) -> dict[str, Any]:
    """A holdout with the champion's hit rate and popularity's: mean, low and high."""
    rates = [dict(zip(("mean", "low", "high"), one, strict=True)) for one in (ours, theirs)]
    champion, popularity = ({"hit_rate": rate} for rate in rates)
    return {"cut_by": "champion", "n_users": 200, "champion": champion, "popularity": popularity, **told}


def with_runs(well: Observation, *runs: Run) -> Observation:
    return replace(well, runs=runs)


def test_version_that_keeps_few_neighbours_of_the_one_before_is_a_warning(registry: Registry) -> None:
    publish(registry, a_connected_model())
    publish(registry, a_connected_model(step=5))
    seen = observe(registry, a_run().timestamp)
    overlap = judged(seen, "neighbour_overlap")
    assert overlap.verdict is Verdict.OK
    assert overlap.value == pytest.approx(4 / 6)
    assert found(seen, min_neighbour_overlap=0.7) == [("neighbour_overlap", Verdict.WARN)]


def test_version_before_that_is_damaged_is_not_compared(registry: Registry, well: Observation) -> None:
    assert judged(well, "neighbour_overlap").value is None
    before = registry.current()
    assert before
    publish(registry, a_connected_model())
    registry.store.put(f"models/{before.version}/model.safetensors", b"cut")
    assert judged(observe(registry, well.at), "neighbour_overlap").message.startswith("Not judged: ")


@pytest.mark.parametrize(
    ("told", "checks"),
    [
        ({"n_users": 150, "n_products": 25}, []),
        ({"n_users": 151}, ["users_change"]),
        ({"n_products": 24}, ["products_change"]),
        ({"events": {"purchase": 1600, "view": 4800}}, ["events_change"]),
        ({"events": {"purchase": 1900, "view": 2000}}, []),
        ({"events": {"purchase": 2100, "view": 1900}}, ["event_mix"]),
        ({"events": {"purchase": 450, "view": 3500}}, ["event_mix"]),
    ],
)
def test_sudden_change_against_the_last_promoted_runs_is_a_warning(
    well: Observation, told: dict[str, Any], checks: list[str]
) -> None:
    seen = with_runs(well, *[a_night()] * 5, a_night(Outcome.REJECTED, **told))
    assert [one for one in found(seen) if one[0] != "last_run"] == [(check, Verdict.WARN) for check in checks]


def test_forced_run_and_backfill_are_held_against_nothing(well: Observation) -> None:
    forced = a_night(n_users=1, forced={"by": "eve", "reason": "we sold half of the shop"})
    backfill = a_night(n_users=1, as_of=well.at)
    assert found(with_runs(well, *[a_night()] * 5, forced)) == []
    assert found(with_runs(well, *[a_night()] * 5, backfill)) == []
    assert found(with_runs(well, a_night())) == []


def test_recommendations_of_ever_fewer_products_are_a_warning(well: Observation) -> None:
    usual = [a_night(holdout={"candidate": {"concentration": 0.6}})] * 5
    assert found(with_runs(well, *usual, a_night(holdout={"candidate": {"concentration": 0.69}}))) == []
    seen = with_runs(well, *usual, a_night(holdout={"candidate": {"concentration": 0.71}}))
    assert found(seen) == [("concentration", Verdict.WARN)]
    assert "is 0.71, and 0.60 is usual (the median of the last 5 accepted runs)" in message(seen)


def test_events_on_products_that_the_model_does_not_know_are_a_warning(well: Observation) -> None:
    def seen(share: float) -> Observation:
        return with_runs(well, a_night(data={"unknown_products_share": share, "events_since_champion": 1234}))

    assert found(seen(0.2)) == []
    assert found(seen(0.21)) == [("unknown_products", Verdict.WARN)]
    assert message(seen(0.21)).startswith("21.0% of 1,234 new events were on products that the model in service")


def test_model_that_serves_worse_than_popularity_is_a_warning_where_that_is_no_chance(well: Observation) -> None:
    worse = with_runs(well, a_night(holdout=tried((0.10, 0.08, 0.12), (0.20, 0.13, 0.27))))
    assert found(worse) == [("served_quality", Verdict.WARN)]
    assert "10.0% (8.0% to 12.0%) of the users" in message(worse)
    assert judged(worse, "served_quality").value == pytest.approx(-0.1)
    perhaps = with_runs(well, a_night(holdout=tried((0.10, 0.05, 0.15), (0.20, 0.13, 0.27))))
    assert found(perhaps) == []


def test_rebuilt_champion_says_nothing_of_what_was_served(well: Observation) -> None:
    rebuilt = tried((0.10, 0.08, 0.12), (0.20, 0.13, 0.27), cut_by="window")
    assert judged(with_runs(well, a_night(holdout=rebuilt)), "served_quality").message.startswith("Not judged: ")


@pytest.mark.parametrize(
    "holdout",
    [
        {"cut_by": "champion", "champion": None, "popularity": 3},
        {"cut_by": "champion", "champion": {"hit_rate": [1]}, "candidate": {"ndcg": {"mean": "high"}}},
        tried((float("nan"), 0, 0), (0.1, 0.1, 0.1), candidate={"concentration": {}}),
    ],
)
def test_history_of_another_program_is_no_alarm(well: Observation, holdout: dict[str, Any]) -> None:
    assert found(with_runs(well, *[a_night(holdout=holdout)] * 6)) == []
