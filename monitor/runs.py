"""The last runs of the trainer: how they ended, what they read, and the ends of their logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.history import Run, read_history
from registry.objects import ObjectStore
from registry.run_logs import KEPT_LOGS, read_run_log

_SHOWN_LINES: Final = 20
_LONGEST_REASON: Final = 100


@dataclass(frozen=True)
class LoggedRun:
    """A run, and the lines of its log; none where that is not kept any more."""

    run: Run
    log: tuple[str, ...]


def list_runs(store: ObjectStore) -> list[LoggedRun]:
    """Give the last runs, newest first: as many as logs are kept.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    runs = read_history(store)[: -KEPT_LOGS - 1 : -1]
    return [LoggedRun(run, tuple(read_run_log(store, run.timestamp))) for run in runs]


def as_json(runs: Sequence[LoggedRun]) -> dict[str, Any]:
    """Render the runs for machines."""
    return {"runs": [{**one.run.model_dump(mode="json"), "log": list(one.log)} for one in runs]}


def rows_of(runs: Sequence[LoggedRun]) -> list[tuple[str, ...]]:
    """Give a table of the runs with its header."""
    header = ("TIME", "OUTCOME", "SECONDS", "USERS x PRODUCTS", "EVENTS", "WHY")
    return [header, *(_row(one.run) for one in runs)]


def end_of_log(runs: Sequence[LoggedRun]) -> Sequence[str]:
    """Give the last lines that the newest run logged."""
    return runs[0].log[-_SHOWN_LINES:] if runs else ()


def _row(run: Run) -> tuple[str, ...]:
    size = "" if run.n_users is None or run.n_products is None else f"{run.n_users:,} x {run.n_products:,}"
    events = ", ".join(f"{count:,} {kind}" for kind, count in sorted(run.events.items()))
    reason = " ".join((run.reason or "").split())[:_LONGEST_REASON]
    return f"{run.timestamp:%Y-%m-%d %H:%M} UTC", run.outcome, f"{run.duration_seconds:.1f}", size, events, reason
