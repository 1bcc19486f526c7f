"""The table of checks, and a report's results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.checks import data, drift, model, runs, serving, trends
from monitor.checks.judgement import Judgement, Verdict
from monitor.observation import Observation
from monitor.settings import MonitorSettings

Check = Callable[[Observation, MonitorSettings], Judgement]

CHECKS: Final[tuple[Check, ...]] = (
    *(model.pointer, model.no_model, model.model, model.golden, model.previous, model.model_age),
    *(data.users, data.products, data.interactions, data.sparsity, data.similarity),
    *(data.data_age, data.export_lag, data.unchanged_events),
    *(runs.last_run, runs.history, runs.failed_runs, runs.rejected_runs, runs.unpromoted_runs, runs.missed_runs),
    *(serving.agreement, serving.rollout, serving.replicas),
    *(drift.neighbour_overlap, drift.event_mix, drift.events_change, drift.users_change, drift.products_change),
    *(drift.concentration, drift.unknown_products, drift.served_quality),
    *(trends.duration_trend, trends.size_trend, trends.quality_trend),
)
# What is found only while the report is told: it was not written, or not delivered.
HEALTH_JSON: Final = "health_json"
WEBHOOK: Final = "webhook"
CLUSTER_EVENTS: Final = "cluster_events"
CHECK_NAMES: Final = (*(check.__name__ for check in CHECKS), HEALTH_JSON, WEBHOOK, CLUSTER_EVENTS)


@dataclass(frozen=True)
class Result:
    """A judgement and the name of its check, which does not change: alerts are built on it."""

    check: str
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        """The judgement's verdict."""
        return self.judgement.verdict

    @property
    def message(self) -> str:
        """The judgement's sentence."""
        return self.judgement.message


def judge(seen: Observation, limits: MonitorSettings) -> tuple[Result, ...]:
    """Run all checks."""
    return tuple(Result(check.__name__, check(seen, limits)) for check in CHECKS)
