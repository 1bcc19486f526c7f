"""The other workers of a worker's pod: what they serve, what they counted, and what they are to do."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pydantic import TypeAdapter

from api.served_model import ServedModel, ServiceState
from api.telemetry import Telemetry
from api.workers.asking import NoAnswerError, NobodyThereError, Question, ask, ask_soon
from api.workers.figures import Families, WorkerFigures, as_text, joined, read, understood
from api.workers.folder import PodFolder

# Less than probes wait.
_TELL_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 15.0
_WAKE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class WorkerState:
    """What a worker serves, since when, and why that is not what should be."""

    version: str | None
    loaded_at: datetime | None
    problem: str | None
    ready: bool

    @classmethod
    def of(cls, state: ServiceState) -> "WorkerState":
        """Tell of a worker's own service."""
        version, loaded_at = (state.served.version, state.served.loaded_at) if state.served else (None, None)
        return cls(version, loaded_at, state.problem, state.ready)


STATE: Final = TypeAdapter(WorkerState)


def first_problem(own: ServiceState, others: Sequence[WorkerState]) -> str | None:
    """Give why a worker does not serve what it should: the one that is asked first of all."""
    return own.problem or next((other.problem for other in others if other.problem), None)


def in_service_since(served: ServedModel, others: Sequence[WorkerState]) -> datetime:
    """Give when the last of the workers that serve a model began to."""
    same = (one.loaded_at for one in others if one.version == served.version)
    return max([served.loaded_at, *(loaded_at for loaded_at in same if loaded_at)])


class Siblings(Protocol):
    """The others, whom the worker that was asked asks."""

    async def states(self) -> Sequence[WorkerState]:
        """Give the state of each."""

    async def metrics(self, telemetry: Telemetry) -> bytes:
        """Give the metrics of all workers, this one's included, in Prometheus' text format."""

    def look(self) -> None:
        """Have each know who was erased before this returns. Raises NoAnswerError."""

    def poke(self) -> None:
        """Have each look at the store at once, and try again what failed before."""


class NoSiblings:
    """There is one worker."""

    async def states(self) -> Sequence[WorkerState]:
        """Give none."""
        return ()

    async def metrics(self, telemetry: Telemetry) -> bytes:
        """Give this worker's."""
        return telemetry.render()

    def look(self) -> None:
        """Do nothing."""

    def poke(self) -> None:
        """Do nothing."""


class PodSiblings:
    """The workers of a pod but for the one of this number."""

    def __init__(self, folder: PodFolder, number: int, n_workers: int) -> None:
        self._folder, self._number = folder, number
        self._others = [other for other in range(1, n_workers + 1) if other != number]
        self._figures: WorkerFigures | None = None

    async def states(self) -> Sequence[WorkerState]:
        """Give the state of each; one that does not answer is not ready."""
        return await asyncio.gather(*map(self._state, self._others))

    async def metrics(self, telemetry: Telemetry) -> bytes:
        """Give the metrics of all; of one that does not answer, what it had counted when it was last asked."""
        others = await asyncio.gather(*map(self._told, self._others))
        return as_text(joined([understood(self.figures(telemetry).tell()), *others]))

    def figures(self, telemetry: Telemetry) -> WorkerFigures:
        """Give what this worker tells of itself."""
        if self._figures is None:
            self._figures = WorkerFigures(telemetry.collect, self._number, self._folder.figures(self._number))
        return self._figures

    def look(self) -> None:
        """Have each know who was erased; one that has not begun to serve looks before it does."""
        for other in self._others:
            with suppress(NobodyThereError):
                trouble = ask(self._folder.worker(other), {"ask": "look"}, _LOOK_SECONDS)
                if trouble is not None:
                    raise NoAnswerError(f"worker {other} does not know yet who was erased: {trouble}", hint="Ask again")

    def poke(self) -> None:
        """Have each look at the store at once; who cannot be told looks by itself soon."""
        self._tell({"ask": "poke"})

    def wake(self) -> None:
        """Have each look at the store at once; what failed before still waits for its time."""
        self._tell({"ask": "wake"})

    def _tell(self, question: Question) -> None:
        for other in self._others:
            with suppress(NoAnswerError):
                ask(self._folder.worker(other), question, _WAKE_SECONDS)

    async def _state(self, other: int) -> WorkerState:
        try:
            told = await ask_soon(self._folder.worker(other), {"ask": "state"}, _TELL_SECONDS)
        except NoAnswerError as error:
            return WorkerState(None, None, str(error), ready=False)
        return STATE.validate_python(told)

    async def _told(self, other: int) -> Families:
        try:
            return understood(await ask_soon(self._folder.worker(other), {"ask": "figures"}, _TELL_SECONDS))
        except NoAnswerError:
            return read(self._folder.figures(other))
