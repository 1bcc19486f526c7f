"""Each check finds what it is for, and nothing where all is well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from model.figures import Figures
from monitor.checks import Severity, judge
from monitor.observation import Observation, observe
from monitor.settings import MonitorSettings
from registry.history import Outcome, Run
from registry.registry import Registry
from tests.builders import publish
from tests.monitor.conftest import a_shop

NOW = datetime.now(UTC)


@pytest.fixture
def well(registry: Registry) -> Observation:
    """Give what is seen of a healthy model, a little after it was published."""
    publish(registry, a_shop())
    return observe(registry, datetime.now(UTC) + timedelta(hours=1))


def found(seen: Observation, **limits: object) -> list[tuple[str, Severity]]:
    return [(finding.check, finding.severity) for finding in judge(seen, MonitorSettings.load(**limits))]


def message(seen: Observation, **limits: object) -> str:
    (finding,) = judge(seen, MonitorSettings.load(**limits))
    return finding.message


def figures(seen: Observation) -> Figures:
    assert seen.figures is not None
    return seen.figures


def a_run(outcome: Outcome, reason: str | None = None) -> Run:
    return Run(timestamp=NOW, outcome=outcome, duration_seconds=1.5, reason=reason)


def test_nothing_is_found_where_all_is_well(well: Observation) -> None:
    assert found(well) == []
    for outcome in (Outcome.PROMOTED, Outcome.PUBLISHED):
        assert found(replace(well, last_run=a_run(outcome))) == []


def test_model_is_old_after_seven_days(well: Observation) -> None:
    assert well.manifest is not None
    at_limit = replace(well, at=well.manifest.created_at + timedelta(days=7))
    assert found(at_limit) == []
    older = replace(at_limit, at=at_limit.at + timedelta(days=1))
    assert found(older) == [("model_age", Severity.WARNING)]
    assert message(older) == "Old model: 8.0 days, and MAX_MODEL_AGE_DAYS is 7"
    assert found(older, max_model_age_days=8.5) == []


def test_model_made_by_a_clock_ahead_of_ours_has_age_0(well: Observation) -> None:
    assert replace(well, at=well.at - timedelta(days=9)).model_age_days == 0


@pytest.mark.parametrize(("n_users", "checks"), [(50, []), (49, [("users", Severity.ISSUE)])])
def test_fewer_than_50_users_are_an_issue(well: Observation, n_users: int, checks: list[tuple[str, Severity]]) -> None:
    seen = replace(well, figures=replace(figures(well), n_users=n_users))
    assert found(seen) == checks
    assert found(seen, min_users=49) == []


@pytest.mark.parametrize(("n_products", "checks"), [(10, []), (9, [("products", Severity.ISSUE)])])
def test_fewer_than_10_products_are_an_issue(
    well: Observation, n_products: int, checks: list[tuple[str, Severity]]
) -> None:
    seen = replace(well, figures=replace(figures(well), n_products=n_products))
    assert found(seen) == checks
    assert found(seen, min_products=9) == []


@pytest.mark.parametrize(("sparsity", "checks"), [(0.99, []), (0.9901, [("sparsity", Severity.WARNING)])])
def test_sparsity_above_99_percent_is_a_warning(
    well: Observation, sparsity: float, checks: list[tuple[str, Severity]]
) -> None:
    seen = replace(well, figures=replace(figures(well), sparsity=sparsity))
    assert found(seen) == checks
    assert found(seen, max_sparsity=0.995) == []


def test_model_without_a_neighbour_is_an_issue(well: Observation) -> None:
    seen = replace(well, figures=replace(figures(well), similarity_density=0.0))
    assert found(seen) == [("similarity", Severity.ISSUE)]


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
    seen = replace(well, last_run=a_run(outcome, "it\u2019s\n broken."))
    assert found(seen) == [("last_run", Severity.WARNING)]
    assert message(seen).startswith(said)
    assert message(replace(well, last_run=a_run(outcome))).count(":") == 0


def test_previous_version_that_is_gone_is_a_warning(well: Observation) -> None:
    assert well.pointer is not None
    pointer = well.pointer.model_copy(update={"previous": "20250105T020000Z-1f3c9a2e"})
    assert found(replace(well, pointer=pointer)) == [("previous", Severity.WARNING)]
    assert found(replace(well, pointer=pointer, has_previous=True)) == []


def test_store_without_a_model_is_an_issue_that_says_what_to_do(registry: Registry) -> None:
    seen = observe(registry, NOW)
    assert found(seen) == [("no_model", Severity.ISSUE)]
    assert "python -m trainer" in message(seen)


def test_limits_that_are_none_are_refused() -> None:
    for wrong in ({"max_sparsity": 1.1}, {"min_users": 0}, {"max_model_age_days": 0}, {"max_sparsity": "nan"}):
        with pytest.raises(Exception, match=f"wrong settings: {next(iter(wrong)).upper()}="):
            MonitorSettings.load(**wrong)
