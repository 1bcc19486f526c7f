"""metrics.json: one entry a run, oldest first; and health.json, the monitor's last report."""

import json
import math
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from registry.entries import parse, render
from registry.objects import ObjectChangedError, ObjectExistsError, ObjectMissingError, ObjectStore
from registry.set_aside import set_aside
from runtime.errors import TryAgainError

HISTORY_KEY: Final = "metrics.json"
HEALTH_KEY: Final = "health.json"
# Each lost attempt is another writer's success: of four writers one loses 100 times in a row never in practice.
_ATTEMPTS: Final = 100


Count = Annotated[int, Field(ge=0, lt=2**63)]


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

    timestamp: AwareDatetime
    outcome: Outcome
    duration_seconds: float
    version: str | None = None
    reason: str | None = None
    trained_at: AwareDatetime | None = None
    n_users: Count | None = None
    n_products: Count | None = None
    n_interactions: Count | None = None
    sparsity: float | None = None
    similarity_density: float | None = None
    avg_similarity: float | None = None
    events: dict[str, Count] = Field(default_factory=dict)
    data: dict[str, float] = Field(default_factory=dict)
    holdout: dict[str, Any] | None = None
    gate: list[dict[str, Any]] = Field(default_factory=list)
    forced: dict[str, str] | None = None
    as_of: AwareDatetime | None = None
    seconds_by_step: dict[str, float] = Field(default_factory=dict)

    @field_validator("reason", mode="before")
    @classmethod
    def _make_text(cls, reason: object) -> object:
        """Let a driver's message hold bytes that are no text: they must not cost the run its entry."""
        return reason.encode(errors="replace").decode() if isinstance(reason, str) else reason


# What an entry keeps for good; the tables of gate and evaluation are for the newest.
_FIGURES: Final = frozenset(Run.model_fields) - {"gate", "holdout"}


def read_history(store: ObjectStore) -> list[Run]:
    """Give the runs, oldest first; none where metrics.json is missing or damaged (append_run sets that aside).

    An entry that is none of a run, such as one of a newer program, is left out.
    """
    try:
        return [run for entry in parse(store.get(HISTORY_KEY).body) or [] if (run := _run_of(entry))]
    except ObjectMissingError:
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
        store.put(HISTORY_KEY, render([_entry_of(run)], _FIGURES), if_none_match=True)
        return
    entries = parse(stored.body)
    if entries is None or (entries and not any(map(_run_of, entries))):
        set_aside(store, HISTORY_KEY, stored.body)
        entries = []
    store.put(HISTORY_KEY, render([*entries, _entry_of(run)], _FIGURES), if_match=stored.etag)


def _run_of(entry: object) -> Run | None:
    try:
        return Run.model_validate(entry)
    except ValidationError:
        return None


def _entry_of(run: Run) -> dict[str, Any]:
    """Describe a run in JSON, which has no number that is not finite: such a figure was never learned."""
    entry: dict[str, Any] = _finite(run.model_dump(mode="json"))
    return entry


def _finite(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items() if not _is_endless(one)}
    if isinstance(value, list):
        return [None if _is_endless(one) else _finite(one) for one in value]
    return value


def _is_endless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
