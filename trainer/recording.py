"""What is kept of a run: its entry in metrics.json, and the line of the log that says how it ended."""

import logging
from datetime import UTC, datetime
from typing import Any

from registry.history import Outcome, Run, append_run
from registry.manifest import Manifest
from registry.registry import Registry
from runtime.errors import RecommenderError
from trainer.outcomes import outcome_of
from trainer.step_clock import StepClock

log = logging.getLogger(__name__)

_WELL: frozenset[Outcome] = frozenset({Outcome.PROMOTED, Outcome.PUBLISHED})


def run_of(outcome: Outcome, clock: StepClock, manifest: Manifest, reason: str | None = None) -> Run:
    """Describe a run that made a version."""
    figures: dict[str, Any] = dict(manifest.metrics)
    return Run(
        timestamp=datetime.now(UTC),
        outcome=outcome,
        duration_seconds=round(clock.elapsed_seconds, 3),
        version=manifest.version,
        reason=reason,
        trained_at=manifest.created_at,
        seconds_by_step=clock.seconds_by_step,
        events=manifest.events,
        data=manifest.data,
        holdout=manifest.holdout,
        gate=manifest.gate,
        forced=manifest.forced,
        as_of=manifest.as_of,
        **figures,
    )


def unfinished_run(clock: StepClock, error: BaseException, made: Manifest | None) -> Run:
    """Describe a run that an error ended, perhaps after it made a version."""
    outcome, reason = outcome_of(error), str(error) or type(error).__name__
    if made is not None:
        return run_of(outcome, clock, made, reason)
    return Run(
        timestamp=datetime.now(UTC),
        outcome=outcome,
        duration_seconds=round(clock.elapsed_seconds, 3),
        reason=reason,
        seconds_by_step=clock.seconds_by_step,
    )


def record(registry: Registry, run: Run) -> None:
    """Add the run to the history. Where that fails, the run's own outcome matters more, so it is only logged."""
    try:
        append_run(registry.store, run)
    except RecommenderError as error:
        log.warning("This run is missing in the history: %s", error)
    extra = {"event": "run_finished", "outcome": run.outcome.value, "version": run.version}
    log.log(_level(run.outcome), "Outcome: %s", run.outcome, extra=extra)


def _level(outcome: Outcome) -> int:
    if outcome is Outcome.REJECTED:
        return logging.WARNING
    return logging.INFO if outcome in _WELL else logging.ERROR
