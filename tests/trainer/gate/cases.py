"""Candidates before the gate, in readable input: all is well with them unless a test says otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from model.model import Model
from model.soundness import SoundnessLimits
from registry.history import Outcome, Run
from registry.manifest import Manifest
from tests.builders import a_model
from trainer.champion import Champion
from trainer.event_figures import EventFigures
from trainer.gate.case import Case
from trainer.gate.gate import judge
from trainer.gate.ruling import Ruling
from trainer.gate.settings import RuleSettings
from trainer.gate.usual import usual_of

NOW = datetime(2025, 1, 5, 2, tzinfo=UTC)
SETTINGS = {"min_co_occurrence": 5, "neighbours": 100, "trainer_class": "trainer:ModelTrainer"}


def interval(mean: float, low: float | None = None, high: float | None = None) -> dict[str, float]:
    return {"mean": mean, "low": mean if low is None else low, "high": mean if high is None else high}


def a_holdout(
    candidate: float = 0.2, champion: float = 0.2, worst: float = 0.0, popularity: float = 0.1, best: float = 0.15
) -> dict[str, Any]:
    """Each side's ndcg for 400 users, and the ends of candidate - champion (lower) and - popularity (upper)."""
    return {
        "k": 10,
        "n_users": 400,
        "candidate": {"ndcg": interval(candidate)},
        "champion": {"ndcg": interval(champion)},
        "popularity": {"ndcg": interval(popularity)},
        "against_champion": {"ndcg": interval(candidate - champion, low=worst)},
        "against_popularity": {"ndcg": interval(candidate - popularity, high=best)},
        "champion_note": "",
    }


def a_champion(model: Model | None = None, recipe: str = "cosine", settings: Mapping[str, Any] = SETTINGS) -> Champion:
    manifest = Manifest(
        version="20250104T020000Z-00000001",
        created_at=NOW - timedelta(days=1),
        data_until=NOW - timedelta(days=1),
        recipe=recipe,
        settings=dict(settings),
        events={},
        event_weights={},
        metrics={},
        libraries={},
        files={},
    )
    return Champion(manifest, model or a_model())


def a_run(outcome: Outcome = Outcome.PROMOTED, **figures: Any) -> Run:  # noqa: ANN401 (fields of Run)
    """A run with the figures of `a_case`."""
    usual: dict[str, Any] = {
        "events": {"purchase": 1000, "view": 300},
        "n_users": 3,
        "n_products": 5,
        "n_interactions": 8,
        "data": {"busiest_users_share": 0.02, "related_products_share": 0.6},
    }
    return Run(timestamp=NOW, outcome=outcome, duration_seconds=1.0, **(usual | figures))


def some_data(
    counts: dict[str, int] | None = None, until: datetime | None = NOW, busiest: float = 0.02, commonest: float = 0.001
) -> EventFigures:
    return EventFigures(counts or {"purchase": 1000, "view": 300}, until, busiest, commonest)


def a_case(*history: Run, **fields: Any) -> Case:  # noqa: ANN401 (fields of Case)
    """A candidate that passes every rule."""
    case = Case(
        model=a_model(),
        data=some_data(),
        recipe="cosine",
        settings=SETTINGS,
        holdout=a_holdout(),
        why_not="",
        champion=a_champion(),
        usual=usual_of(history or [a_run()]),
        at=NOW,
        minimums=SoundnessLimits(min_users=1, min_products=2),
    )
    return replace(case, **fields)


def ruling(rule: str, case: Case, **settings: Any) -> Ruling:  # noqa: ANN401 (fields of RuleSettings)
    """What one rule says of a case."""
    report = judge(case, {rule: RuleSettings(**settings)})
    (found,) = [one for one in report.rulings if one.rule == rule]
    return found
