"""What Dask's scheduler says of a run's tasks: how many of each kind, and the seconds that workers were at them.

The scheduler of `--dask local` is in the run's own process, so that what is noted there can be read there.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from distributed import SchedulerPlugin

from trainer.distributed.team import Team

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# read-events-0-1 is a task that reads, pairs-3-meet-1-0 one that meets, of the pass pairs-3.
_KEY: Final = re.compile(r"(?P<work>[a-z]+-\d+)-(?P<kind>[a-z]+)|(?P<other>[a-z]+)")
_MERGE: Final = "merge"


@dataclass
class Tasks:
    """Tasks that were done: how many of each kind, workers' seconds of each, and the blocks of each pass.

    `spans` is when the first of a kind began and the last one ended.
    """

    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)

    def note(self, key: str, began: float, ended: float) -> None:
        """Count a task that is done; each block of a pass is merged once."""
        found = _KEY.match(key)
        kind = (found["kind"] or found["other"]) if found else key
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.seconds[kind] = self.seconds.get(kind, 0.0) + ended - began
        first, last = self.spans.get(kind, (began, ended))
        self.spans[kind] = min(first, began), max(last, ended)
        if found and kind == _MERGE:
            self.blocks[found["work"]] = self.blocks.get(found["work"], 0) + 1


class Watch(SchedulerPlugin):
    """Notes each task as a worker reports it done."""

    name = "recommender-watch"
    tasks: ClassVar = Tasks()

    def transition(self, key: object, start: str, finish: str, *args: object, **told: Any) -> None:  # noqa: ARG002, ANN401 (as Dask calls it)
        """Note a task that has left a worker with a result."""
        if (start, finish) == ("processing", "memory"):
            began, ended = _computing(told["startstops"])
            self.tasks.note(str(key), began, ended)


@dataclass
class WatchedTeam(Team):
    """A team whose scheduler is watched."""

    def __post_init__(self) -> None:
        self.client.register_plugin(Watch())


def _computing(startstops: "Iterable[Mapping[str, Any]]") -> tuple[float, float]:
    """Give from when to when a worker was at a task, what it waited for beforehand left out."""
    return next((one["start"], one["stop"]) for one in startstops if one["action"] == "compute")
