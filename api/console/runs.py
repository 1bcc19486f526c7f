"""The runs of the trainer, as the console shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from plots.lookup import text_at
from registry.history import Outcome, Run

SHOWN_RUNS: Final = 100
_KINDS: Final = {
    Outcome.PROMOTED: "passed",
    Outcome.PUBLISHED: "passed",
    Outcome.REJECTED: "warned",
    Outcome.INVALID: "rejected",
    Outcome.FAILED: "rejected",
    Outcome.ROLLED_BACK: "rejected",
}


@dataclass(frozen=True)
class RunRow:
    """A run: `at` names its log, `kind` is how its outcome looks."""

    at: str
    started_at: datetime
    outcome: str
    kind: str
    seconds: float
    version: str
    reason: str
    n_users: int | None
    n_products: int | None
    n_events: int | None
    forced_by: str


def run_rows(runs: Sequence[Run], most: int = SHOWN_RUNS) -> list[RunRow]:
    """Give the newest runs, newest first."""
    return [_row(run) for run in runs[: -most - 1 : -1]]


def _row(run: Run) -> RunRow:
    return RunRow(
        at=run.timestamp.astimezone(UTC).isoformat(),
        started_at=run.timestamp,
        outcome=run.outcome.value,
        kind=_KINDS[run.outcome],
        seconds=run.duration_seconds,
        version=run.version or "",
        reason=" ".join((run.reason or "").split()),
        n_users=run.n_users,
        n_products=run.n_products,
        n_events=sum(run.events.values()) or None,
        forced_by=text_at(run.forced, "by"),
    )
