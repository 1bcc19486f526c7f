"""What a run of the trainer is to the API, wherever it runs: a child process (child_runs) or a Job (cluster_runs)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from runtime.errors import RecommenderError


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class TrainingRun:
    """One run, going on or ended; what is not known yet is None."""

    run_id: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    outcome: str | None
    version: str | None
    error: str | None
    messages: list[str]


class TrainerMissingError(RecommenderError):
    """The trainer cannot be started here."""


class RunUnderWayError(RecommenderError):
    """Another run has not ended yet."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} has not ended yet")
        self.run_id = run_id


class TrainingRuns(Protocol):
    """Starts runs, one at a time, and tells how they go."""

    def start(self) -> str:
        """Start a run and give its id. Raises RunUnderWayError, TrainerMissingError, TryAgainError."""

    def get(self, run_id: str) -> TrainingRun | None:
        """Describe a run, None where there is no such run or it is forgotten. Raises TryAgainError."""

    def under_way(self) -> TrainingRun | None:
        """Describe the run that has not ended, None where there is none. Raises TryAgainError, BadSettingsError."""

    def stop(self) -> None:
        """End what would otherwise outlive the server and should not."""
