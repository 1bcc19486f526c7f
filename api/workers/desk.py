"""What a pod has once, whoever of its workers is asked: the runs of the trainer, and who asked how often.

The parent has both, since it outlives its workers; they ask it. Neither is asked for by shoppers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from api.rate_limit import RateLimit, Refusal
from api.training_runs import RunUnderWayError, TrainerMissingError, TrainingRun, TrainingRuns
from api.workers.asking import Answer, Question, ask

_SECONDS: Final = 5.0
# The event loop waits for it; the parent has hardly anything else to do.
_RATE_SECONDS: Final = 1.0
_RUN: Final = TypeAdapter(TrainingRun | None)
_REFUSAL: Final = TypeAdapter(Refusal | None)


class Desk:
    """Answers the workers' questions, in the parent; in a cluster each worker can tell of runs by itself."""

    def __init__(self, rate: RateLimit, runs: TrainingRuns) -> None:
        self._rate, self._runs = rate, runs

    def answer(self, question: Question) -> Answer:
        """Answer a question of those below."""
        match question:
            case {"ask": "take", "address": str(address)}:
                return _REFUSAL.dump_python(self._rate.take(address))
            case {"ask": "refused", "address": str(address)}:
                return _REFUSAL.dump_python(self._rate.refused(address))
            case {"ask": "run", "run_id": str(run_id)}:
                return _RUN.dump_python(self._runs.get(run_id), mode="json")
            case {"ask": "run under way"}:
                return _RUN.dump_python(self._runs.under_way(), mode="json")
            case {"ask": "start a run"}:
                return self._start()
        raise ValueError(f"no such question: {question}")

    def _start(self) -> Mapping[str, str]:
        try:
            return {"started": self._runs.start()}
        except RunUnderWayError as error:
            return {"under_way": error.run_id}
        except TrainerMissingError as error:
            return {"missing": str(error)}


class RateAtDesk:
    """The pod's rate limit, as a worker asks for it. Raises NoAnswerError."""

    def __init__(self, desk: Path) -> None:
        self._desk = desk

    def take(self, address: str) -> Refusal | None:
        """Count a request of an address; where it is one too many, it is not counted."""
        return _REFUSAL.validate_python(ask(self._desk, {"ask": "take", "address": address}, _RATE_SECONDS))

    def refused(self, address: str) -> Refusal | None:
        """Tell whether the next request of an address would be one too many, and count nothing."""
        return _REFUSAL.validate_python(ask(self._desk, {"ask": "refused", "address": address}, _RATE_SECONDS))


class RunsAtDesk:
    """The pod's runs of the trainer, as a worker asks for them. Raises NoAnswerError too."""

    def __init__(self, desk: Path) -> None:
        self._desk = desk

    def start(self) -> str:
        """Start a run and give its id. Raises RunUnderWayError, TrainerMissingError."""
        match ask(self._desk, {"ask": "start a run"}, _SECONDS):
            case {"started": str(run_id)}:
                return run_id
            case {"under_way": str(run_id)}:
                raise RunUnderWayError(run_id)
            case {"missing": str(reason)}:
                raise TrainerMissingError(reason)
        raise ValueError("the parent's answer is of another version of this program")

    def get(self, run_id: str) -> TrainingRun | None:
        """Describe a run, None where there is no such run or it is forgotten."""
        return _RUN.validate_python(ask(self._desk, {"ask": "run", "run_id": run_id}, _SECONDS))

    def under_way(self) -> TrainingRun | None:
        """Describe the run that has not ended, None where there is none."""
        return _RUN.validate_python(ask(self._desk, {"ask": "run under way"}, _SECONDS))

    def stop(self) -> None:
        """Do nothing: a run ends with the parent."""
