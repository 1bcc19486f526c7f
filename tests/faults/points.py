"""The points: every call of a recorded run with everything that can happen to it."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice, zip_longest
from typing import Final, Self

from runtime.errors import BadSettingsError
from tests.faults.troubles import Call, Kind, Strike, Trouble


class Boundary(StrEnum):
    """Where calls are counted: the object store's contract, and what is below it; or the way to the API server."""

    OPERATION = "operation"
    SYSTEM = "system"
    HTTP = "http"
    CLUSTER = "cluster"


_FAULTS: Final = (Kind.TIMEOUT, Kind.SERVER_ERROR, Kind.FORBIDDEN, Kind.SLOW_DOWN, Kind.LOST)
# What an operation raises is unavailable or refused; that lasting trouble does not go away is shown one level below.
_OPERATION_FAULTS: Final = (Kind.TIMEOUT, Kind.FORBIDDEN, Kind.LOST)


@dataclass(frozen=True)
class Point:
    """One thing that happens to one call of one run."""

    backend: str
    scene: str
    boundary: Boundary
    strike: Strike

    @property
    def id(self) -> str:
        """Name the point: `backend:scene:boundary:number of the call:trouble`."""
        return ":".join((self.backend, self.scene, self.boundary, str(self.strike.number), str(self.strike.trouble)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id. Raises BadSettingsError."""
        try:
            backend, scene, boundary, number, trouble = text.split(":")
            return cls(backend, scene, Boundary(boundary), Strike(int(number), Trouble.parse(trouble)))
        except ValueError:
            example = "files:champion:system:17:kill-after"
            raise BadSettingsError(f"{text!r} is no point", hint=f"A point is like {example}") from None


def points_of(backend: str, scene: str, boundary: Boundary, calls: Sequence[Call]) -> Iterator[Point]:
    """Give all points of a recorded run's calls."""
    for number, call in enumerate(calls):
        for trouble in _troubles_of(boundary, call):
            yield Point(backend, scene, boundary, Strike(number, trouble))


def _troubles_of(boundary: Boundary, call: Call) -> Iterator[Trouble]:
    yield Trouble(Kind.KILL_BEFORE)
    if call.sends:
        yield Trouble(Kind.KILL_DURING)
    yield Trouble(Kind.KILL_AFTER)
    if boundary is Boundary.OPERATION:
        yield from map(Trouble, _OPERATION_FAULTS)
        return
    for kind in (*_FAULTS, *((Kind.CUT,) if call.receives else ())):
        yield Trouble(kind)
        yield Trouble(kind, for_good=True)


def sampled(points: Iterable[Point], n: int, seed: int) -> list[Point]:
    """Choose n points: in turn one of each scene, boundary and trouble that has some left, in an order of chance."""
    groups: dict[tuple[str, str, str, str], list[Point]] = {}
    for point in points:
        kind = (point.backend, point.scene, point.boundary, str(point.strike.trouble))
        groups.setdefault(kind, []).append(point)
    choice = random.Random(seed)
    shuffled = [choice.sample(group, len(group)) for group in choice.sample(list(groups.values()), len(groups))]
    rounds = chain.from_iterable(zip_longest(*shuffled))
    return list(islice((point for point in rounds if point is not None), n))
