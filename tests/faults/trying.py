"""All points of a kind of store: recorded first, then tried on several lanes at once."""

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from tests.faults.lane import Lane, Tried
from tests.faults.points import Point, points_of
from tests.faults.scenes import SCENES


def all_points(lane: Lane, scenes: Iterable[str] = SCENES) -> list[Point]:
    """Record scenes at every boundary, and give the points."""
    name, boundaries = lane.backend.name, lane.backend.boundaries
    recorded = [(scene, boundary, lane.record(scene, boundary)) for scene in scenes for boundary in boundaries]
    return list(chain.from_iterable(points_of(name, *each) for each in recorded))


def try_all(points: Sequence[Point], lanes: Sequence[Lane], tell: Callable[[Tried], object]) -> list[Tried]:
    """Try points, each on whichever lane is free; `tell` hears of each as it is done."""
    waiting: queue.SimpleQueue[Point] = queue.SimpleQueue()
    for point in points:
        waiting.put(point)
    with ThreadPoolExecutor(len(lanes)) as threads:
        return list(chain.from_iterable(threads.map(lambda lane: list(_try_on(lane, waiting, tell)), lanes)))


def _try_on(lane: Lane, waiting: "queue.SimpleQueue[Point]", tell: Callable[[Tried], object]) -> Iterator[Tried]:
    while True:
        try:
            point = waiting.get_nowait()
        except queue.Empty:
            return
        tried = lane.try_point(point)
        tell(tried)
        yield tried
