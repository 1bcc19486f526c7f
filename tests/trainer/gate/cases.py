"""Candidates before the gate, in readable input: all is well with them unless a test says otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from model.model import Model
from model.soundness import SoundnessLimits
from registry.history import Outcome, Run
from registry.manifest import Manifest
from registry.usual import usual_of
from tests.builders import a_model
from trainer.champion import Champion
from trainer.evaluation.bands import Bands
from trainer.evaluation.bootstrap import Interval
from trainer.evaluation.cut import CutBy
from trainer.evaluation.evaluation import Evaluation, Metrics, Side
from trainer.event_figures import EventFigures
from trainer.gate.case import Case
from trainer.gate.gate import judge
from trainer.gate.ruling import Ruling
from trainer.gate.settings import RuleSettings

NOW = datetime(2025, 1, 5, 2, tzinfo=UTC)
SETTINGS = {"min_co_occurrence": 5, "neighbours": 100, "trainer_class": "trainer:ModelTrainer"}


def metrics(ndcg: Interval) -> Metrics:
    other = Interval(0.1, 0.1, 0.1)
    return Metrics(other, other, ndcg, other)


def a_side(ndcg: float) -> Side:
    return Side(metrics(Interval(ndcg, ndcg, ndcg)), coverage=0.5, concentration=0.5)


def an_evaluation(
    candidate: float = 0.2,
    champion: float = 0.2,
    worst: float = 0.0,
    popularity: float = 0.1,
    best: float = 0.15,
) -> Evaluation:
    """Each side's ndcg for 400 users, and the ends of candidate - champion (lower) and - popularity (upper)."""
    return Evaluation(
        k=10,
        cut=NOW - timedelta(days=1),
        cut_by=CutBy.CHAMPION,
        n_users=400,
        n_left_out=10,
        n_new_users=5,
        n_sampled_from=400,
        kinds=(),
        repeat_share=0.25,
        candidate=a_side(candidate),
        popularity=a_side(popularity),
        champion=a_side(champion),
        buy_again=a_side(0.2),
        against_popularity=metrics(Interval(candidate - popularity, 0.0, best)),
        against_champion=metrics(Interval(candidate - champion, worst, 0.0)),
        against_buy_again=metrics(Interval(candidate - 0.2, 0.0, 0.0)),
        champion_note="as it is served",
        bands=Bands((), (), ()),
    )


def against_buying_again(again: float, best: float) -> Evaluation:
    """The same, with buy again's ndcg, and the upper end of candidate - buy again."""
    metrics_against = metrics(Interval(0.2 - again, 0.0, best))
    return replace(an_evaluation(), buy_again=a_side(again), against_buy_again=metrics_against)


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
        evaluation=an_evaluation(),
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
