"""metrics.json: one entry a run, oldest first; and health.json, the monitor's last report."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from registry.objects import ObjectChangedError, ObjectExistsError, ObjectMissingError, ObjectStore
from runtime.errors import TryAgainError

HISTORY_KEY: Final = "metrics.json"
HEALTH_KEY: Final = "health.json"
KEPT_ENTRIES: Final = 1000
# Each lost attempt is another writer's success: of four writers one loses 100 times in a row never in practice.
_ATTEMPTS: Final = 100


class Outcome(StrEnum):
    """How a run of the trainer ended. `published`: a backfill that was to be looked at, not to be promoted."""

    PROMOTED = "promoted"
    REJECTED = "rejected"
    INVALID = "invalid"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    PUBLISHED = "published"


class Run(BaseModel):
    """One run of the trainer: how it ended, model.figures.Figures, and what its manifest says of data and gate.

    What the run never learned is null.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    timestamp: datetime
    outcome: Outcome
    duration_seconds: float
    version: str | None = None
    reason: str | None = None
    trained_at: datetime | None = None
    n_users: int | None = None
    n_products: int | None = None
    n_interactions: int | None = None
    sparsity: float | None = None
    similarity_density: float | None = None
    avg_similarity: float | None = None
    events: dict[str, int] = Field(default_factory=dict)
    data: dict[str, float] = Field(default_factory=dict)
    holdout: dict[str, Any] | None = None
    gate: list[dict[str, Any]] = Field(default_factory=list)
    forced: dict[str, str] | None = None
    as_of: datetime | None = None
    seconds_by_step: dict[str, float] = Field(default_factory=dict)


_RUNS: Final = TypeAdapter(list[Run])


def read_history(store: ObjectStore) -> list[Run]:
    """Give the runs, oldest first; none where metrics.json is missing or damaged (append_run sets that aside)."""
    try:
        return _RUNS.validate_json(store.get(HISTORY_KEY).body)
    except (ObjectMissingError, ValidationError):
        return []


def append_run(store: ObjectStore, run: Run) -> None:
    """Add an entry. Concurrent writers lose none: each tries again on what the other wrote."""
    for _ in range(_ATTEMPTS):
        try:
            _append_once(store, run)
        except (ObjectChangedError, ObjectExistsError):
            continue
        return
    raise TryAgainError(f"{HISTORY_KEY} is being changed without pause by other writers")


def read_health(store: ObjectStore) -> dict[str, Any] | None:
    """Give the monitor's last report, None where there is none that can be read."""
    try:
        report = json.loads(store.get(HEALTH_KEY).body)
    except (ObjectMissingError, ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def write_health(store: ObjectStore, report: dict[str, Any]) -> None:
    """Replace the monitor's report."""
    store.put(HEALTH_KEY, json.dumps(report, indent=2, ensure_ascii=False).encode())


def _append_once(store: ObjectStore, run: Run) -> None:
    try:
        stored = store.get(HISTORY_KEY)
    except ObjectMissingError:
        store.put(HISTORY_KEY, _to_json([run]), if_none_match=True)
        return
    try:
        runs = _RUNS.validate_json(stored.body)
    except ValidationError:
        store.put(f"{HISTORY_KEY}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}", stored.body)
        runs = []
    store.put(HISTORY_KEY, _to_json([*runs, run][-KEPT_ENTRIES:]), if_match=stored.etag)


def _to_json(runs: list[Run]) -> bytes:
    return json.dumps(_RUNS.dump_python(runs, mode="json"), indent=1, ensure_ascii=False).encode()
