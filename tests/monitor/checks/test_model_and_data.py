"""Each check of the model and of its last run finds what it is for, and nothing where all is well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.figures import Figures
from model.golden import golden_answers
from monitor.checks.judgement import Verdict
from monitor.observation import Observation, observe
from monitor.settings import MonitorSettings
from registry.history import Outcome
from registry.layout import manifest_key
from registry.registry import Registry
from tests.builders import a_connected_model, publish
from tests.monitor.checks.looking import a_run, found, judged, message

NOW = datetime.now(UTC)


def figures(seen: Observation) -> Figures:
    assert seen.figures is not None
    return seen.figures


def with_figures(seen: Observation, **changed: Any) -> Observation:  # noqa: ANN401 (fields of Figures)
    return replace(seen, model=replace(seen.model, figures=replace(figures(seen), **changed)))


def with_manifest(seen: Observation, **changed: object) -> Observation:
    assert seen.manifest is not None
    return replace(seen, model=replace(seen.model, manifest=seen.manifest.model_copy(update=changed)))


def test_nothing_is_found_where_all_is_well(well: Observation) -> None:
    assert found(well) == []
    for outcome in (Outcome.PROMOTED, Outcome.PUBLISHED):
        assert found(replace(well, runs=(a_run(outcome),))) == []


def test_model_is_old_after_seven_days(well: Observation) -> None:
    assert well.manifest is not None
    at_limit = replace(well, at=well.manifest.created_at + timedelta(days=7))
    assert found(at_limit) == []
    older = replace(at_limit, at=at_limit.at + timedelta(days=1))
    assert found(older) == [("model_age", Verdict.WARN)]
    assert message(older) == "Old model: 8.0 days, and MAX_MODEL_AGE_DAYS is 7"
    assert found(older, max_model_age_days=8.5) == []


def test_model_made_by_a_clock_ahead_of_ours_has_age_0(well: Observation) -> None:
    assert replace(well, at=well.at - timedelta(days=9)).model_age_days == 0


@pytest.mark.parametrize(("n_users", "checks"), [(50, []), (49, [("users", Verdict.FAIL)])])
def test_fewer_than_50_users_are_an_issue(well: Observation, n_users: int, checks: list[tuple[str, Verdict]]) -> None:
    seen = with_figures(well, n_users=n_users)
    assert found(seen) == checks
    assert found(seen, min_users=49) == []


@pytest.mark.parametrize(("n_products", "checks"), [(10, []), (9, [("products", Verdict.FAIL)])])
def test_fewer_than_10_products_are_an_issue(
    well: Observation, n_products: int, checks: list[tuple[str, Verdict]]
) -> None:
    seen = with_figures(well, n_products=n_products)
    assert found(seen) == checks
    assert found(seen, min_products=9) == []


@pytest.mark.parametrize(("sparsity", "checks"), [(0.99, []), (0.9901, [("sparsity", Verdict.WARN)])])
def test_sparsity_above_99_percent_is_a_warning(
    well: Observation, sparsity: float, checks: list[tuple[str, Verdict]]
) -> None:
    seen = with_figures(well, sparsity=sparsity)
    assert found(seen) == checks
    assert found(seen, max_sparsity=0.995) == []


def test_model_without_a_neighbour_is_an_issue(well: Observation) -> None:
    seen = with_figures(well, similarity_density=0.0)
    assert found(seen) == [("similarity", Verdict.FAIL)]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.FAILED, "The last run failed: it\u2019s broken. Look at the trainer's log"),
        (Outcome.INVALID, "The last run found invalid data: it\u2019s broken. Look at the trainer's log"),
        (Outcome.REJECTED, "The last run was rejected: it\u2019s broken. Look at the trainer's log"),
        (Outcome.ROLLED_BACK, "The last run was rolled back: it\u2019s broken. Look at the trainer's log"),
    ],
)
def test_last_run_that_promoted_nothing_is_a_warning_with_its_reason(
    well: Observation, outcome: Outcome, said: str
) -> None:
    seen = replace(well, runs=(a_run(outcome, reason="it\u2019s\n broken."),))
    assert found(seen) == [("last_run", Verdict.WARN)]
    assert message(seen).startswith(said)
    assert message(replace(well, runs=(a_run(outcome),))).count(":") == 0


def test_previous_version_that_is_gone_is_a_warning(well: Observation) -> None:
    assert well.pointer is not None
    pointer = well.pointer.model_copy(update={"previous": "20250105T020000Z-1f3c9a2e"})
    assert found(replace(well, pointer=pointer)) == [("previous", Verdict.WARN)]
    assert found(replace(well, pointer=pointer, has_previous=True)) == []


def test_store_without_a_model_is_an_issue_that_says_what_to_do(registry: Registry) -> None:
    seen = observe(registry, NOW)
    assert found(seen) == [("no_model", Verdict.FAIL)]
    assert "python -m trainer" in message(seen)


def test_limits_that_are_none_are_refused() -> None:
    for wrong in ({"max_sparsity": 1.1}, {"min_users": 0}, {"max_model_age_days": 0}, {"max_sparsity": "nan"}):
        with pytest.raises(Exception, match=f"wrong settings: {next(iter(wrong)).upper()}="):
            MonitorSettings.load(**wrong)


def test_few_interactions_are_a_warning(well: Observation) -> None:
    assert found(with_figures(well, n_interactions=100)) == []
    assert found(with_figures(well, n_interactions=99)) == [("interactions", Verdict.WARN)]
    assert found(with_figures(well, n_interactions=99), min_interactions=99) == []


def test_few_neighbours_are_a_warning_where_a_shop_asks_for_more(well: Observation) -> None:
    assert found(with_figures(well, similarity_density=0.001)) == []
    assert found(with_figures(well, similarity_density=0.001), min_similarity_density=0.01) == [
        ("similarity", Verdict.WARN)
    ]


def test_data_are_old_after_ten_days_however_new_the_model_is(well: Observation) -> None:
    at = well.at
    assert found(with_manifest(well, data_until=at - timedelta(days=10), created_at=at - timedelta(days=7))) == []
    older = with_manifest(well, data_until=at - timedelta(days=10.1), created_at=at - timedelta(days=7))
    assert found(older, max_export_lag_days=99) == [("data_age", Verdict.WARN)]
    assert "the newest event was 10.1 days ago, and MAX_DATA_AGE_DAYS is 10" in message(older, max_export_lag_days=99)


def test_events_that_were_old_when_the_model_was_made_are_a_stale_export(well: Observation) -> None:
    assert well.manifest is not None
    made_at = well.manifest.created_at
    stale = with_manifest(well, data_until=made_at - timedelta(days=3.5))
    assert found(stale) == [("export_lag", Verdict.WARN)]
    assert found(stale, max_export_lag_days=4) == []
    backfill = with_manifest(well, data_until=made_at - timedelta(days=3.5), as_of=made_at - timedelta(days=3))
    assert found(backfill) == []


def test_runs_that_read_the_same_events_for_days_are_a_stale_export(well: Observation) -> None:
    at = [well.at - timedelta(days=days) for days in (4, 3, 2, 1)]
    counts = [{"purchase": 7}, {"purchase": 8}, {"purchase": 8}, {"purchase": 8}]
    runs = tuple(a_run(timestamp=one, events=events) for one, events in zip(at, counts, strict=True))
    assert found(replace(well, runs=runs)) == []
    again = (*runs, a_run(timestamp=well.at, events={"purchase": 8}))
    assert found(replace(well, runs=again)) == [("unchanged_events", Verdict.WARN)]
    assert "Every run of 3.0 days has read exactly 8 purchase events" in message(replace(well, runs=again))
    other = (*again, a_run(timestamp=well.at, events={"purchase": 9}))
    assert found(replace(well, runs=other)) == []


def test_model_that_says_something_else_than_when_it_was_made_is_unfit(registry: Registry) -> None:
    publish(registry, a_connected_model())
    seen = observe(registry, datetime.now(UTC))
    right = judged(seen, "golden")
    assert (right.verdict, right.value, right.threshold) == (Verdict.OK, 0, 0)
    assert "Asked for 5 products" in right.message
    other = replace(seen, model=replace(seen.model, wrong_answer="it knows no product 11"))
    assert found(other) == [("golden", Verdict.FAIL)]
    assert "Loaded here, it knows no product 11" in message(other)


def test_changed_answers_are_found_in_the_model_itself(registry: Registry) -> None:
    manifest = registry.manifest(publish(registry, a_connected_model()))
    changed = manifest.model_copy(update={"golden": golden_answers(a_connected_model(step=5))})
    registry.store.put(manifest_key(manifest.version), changed.to_json())
    assert found(observe(registry, datetime.now(UTC))) == [("golden", Verdict.FAIL)]


def test_every_check_says_what_it_measured(well: Observation) -> None:
    age = judged(well, "model_age")
    assert (age.threshold, age.unit) == (7.0, "days")
    assert age.value == pytest.approx(1 / 24, abs=0.01)
    assert judged(well, "users").value == 60
    assert judged(well, "missed_runs").message == "Not judged: there is no cluster that starts runs"
