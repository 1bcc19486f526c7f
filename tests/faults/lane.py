"""A lane: a store, its API and its trainers, which try one point after the other."""

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from registry.registry import Registry
from tests.api.live import ServerProcess
from tests.faults.backends import Backend
from tests.faults.forking import Order
from tests.faults.live_api import POLL_SECONDS, LiveApi
from tests.faults.points import Boundary, Point
from tests.faults.scenes import SCENES, Scene, State
from tests.faults.soundness import ending_problems, look, next_run_problems, store_problems
from tests.faults.sweeping import problems_a_day_later
from tests.faults.tap import read_trace
from tests.faults.trainers import Ended, Trainers
from tests.faults.troubles import KILLS, Call, Kind, Strike

_IN_PROCESS: Final = frozenset({Boundary.OPERATION, Boundary.SYSTEM})
_IMPATIENT_SECONDS: Final = 0.3
_RECORDINGS: Final = 3
_ATTEMPTS: Final = 10
_NOT_REACHED: Final = "not reached"


@dataclass(frozen=True)
class Tried:
    """A point that was tried: the call, how the trainer ended, and what was not as it must be."""

    point: Point
    call: str
    exit_code: int
    problems: list[str]


@dataclass(frozen=True)
class Traced:
    """A run, the calls that it made at a boundary, and whether one of them met the trouble that was meant for it."""

    ended: Ended
    calls: list[Call]
    was_struck: bool


class Lane:
    """Tries points on one store, one at a time."""

    def __init__(
        self,
        backend: Backend,
        trainers: Trainers,
        api: LiveApi,
        states: Mapping[int, State],
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.backend, self._trainers, self._api = backend, trainers, api
        self._states, self._environment, self._folder = states, environment, folder
        self._registry = Registry(backend.store)

    def record(self, scene_name: str, boundary: Boundary) -> list[Call]:
        """Run a scene in which nothing goes wrong; give its calls. Raises AssertionError where something did.

        The shortest of several counts: in a cluster a run asks again and again until its rollout is done, and anywhere
        it puts its model a second time where the version's name was taken in the same second.
        """
        return min((self._recorded(SCENES[scene_name], boundary) for _ in range(_RECORDINGS)), key=len)

    def _recorded(self, scene: Scene, boundary: Boundary) -> list[Call]:
        self._set(scene)
        traced = self._traced(scene, boundary, None)
        assert traced.ended.exit_code == scene.exit_code, traced.ended.log
        return traced.calls

    def try_point(self, point: Point) -> Tried:
        """Let it happen, then let the next run follow, and look at everything after each.

        A run that asked less often than the recorded one, and so never came to the call, is made again.
        """
        for _ in range(_ATTEMPTS):
            tried = self._try_once(point)
            if tried.call != _NOT_REACHED:
                break
        return tried

    def _try_once(self, point: Point) -> Tried:
        scene = SCENES[point.scene]
        self._set(scene)
        before = look(self._registry)
        traced = self._traced(scene, point.boundary, point.strike)
        problems = [
            *_strike_problems(traced, point.strike),
            *store_problems(self._registry, before, scene.keep_versions, self._downloads()),
            *self._api.problems(look(self._registry).current),
            *self._problems_of_next_run(scene),
        ]
        calls = traced.calls
        name = calls[point.strike.number].name if point.strike.number < len(calls) else _NOT_REACHED
        return Tried(point, name, traced.ended.exit_code, problems)

    def _problems_of_next_run(self, scene: Scene) -> Iterator[str]:
        self.backend.free_lock()
        self.backend.let_a_day_pass()
        between = look(self._registry)
        ended = self._trainers.run(self._order((), {"KEEP_VERSIONS": str(scene.keep_versions)}))
        after = look(self._registry)
        yield from next_run_problems(self._registry, between, ended)
        yield from store_problems(self._registry, between, scene.keep_versions, self._downloads())
        yield from self._api.problems(after.current)
        yield from self.backend.problems(after.current or "")
        yield from problems_a_day_later(self.backend, self._registry, scene.keep_versions)

    def _set(self, scene: Scene) -> None:
        self.backend.restore(self._states[scene.runs_before])
        self.backend.free_lock()
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        (self._folder / "tmp").mkdir()

    def _downloads(self) -> Path:
        folder = self._folder / "tmp" / "downloads"
        folder.mkdir(exist_ok=True)
        return folder

    def _traced(self, scene: Scene, boundary: Boundary, strike: Strike | None) -> Traced:
        if boundary in _IN_PROCESS:
            return self._traced_inside(scene, boundary, strike)
        front = self.backend.front
        assert front is not None
        front.expect(strike)
        order = self._order(scene.arguments, scene.environment)
        if strike and strike.trouble.kind is Kind.TIMEOUT:
            order = replace(order, answer_seconds=_IMPATIENT_SECONDS)
        client = front.client
        ended = self._trainers.run(order, lambda pid: client.killed_by(partial(_kill, pid)))
        client.is_gone()
        traced = Traced(ended, front.calls, bool(front.struck))
        front.expect(None)
        return traced

    def _traced_inside(self, scene: Scene, boundary: Boundary, strike: Strike | None) -> Traced:
        trace = self._folder / "tmp" / "trace"
        order = self._order(scene.arguments, scene.environment)
        ended = self._trainers.run(
            replace(
                order,
                trace=str(trace),
                tapped=str(boundary),
                number=strike.number if strike else -1,
                trouble=str(strike.trouble) if strike else "",
            )
        )
        calls, struck = read_trace(trace)
        return Traced(ended, calls, bool(struck))

    def _order(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Order:
        folder = self._folder / "tmp"
        whole = {**self._environment, **self.backend.training, **environment, "TMPDIR": str(folder)}
        root = str(self.backend.root or "")
        return Order(list(arguments), whole, str(folder), str(folder / "output"), root=root)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _strike_problems(traced: Traced, strike: Strike) -> Iterator[str]:
    """The trouble was met, and who was to be killed was."""
    if not traced.was_struck:
        yield f"the run made {len(traced.calls)} calls and never came to this one: {traced.ended.log[-600:]}"
    elif strike.trouble.kind not in KILLS:
        yield from ending_problems(traced.ended)
    elif not traced.ended.was_killed:
        yield f"it was not killed, and ended with {traced.ended.exit_code}"


@contextmanager
def lane_on(
    backend: Backend, trainers: Trainers, states: Mapping[int, State], environment: Mapping[str, str], folder: Path
) -> Iterator[Lane]:
    """Start the API that a lane needs, for as long as the context lasts."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    port = backend.reading.get("API_PORT")
    reading = {**environment, **backend.reading, "POLL_SECONDS": POLL_SECONDS}
    with ServerProcess(folder, reading, int(port) if port else None) as server:
        api = LiveApi(server.until("/readyz"))
        yield Lane(backend, trainers, api, states, environment, folder)
