"""What is usual in a shop: the medians over its last accepted runs, against which a loss shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from registry.history import Outcome, Run

_RUNS: Final = 5


@dataclass(frozen=True)
class Usual:
    """The last accepted runs, oldest first, of which there may be none."""

    runs: tuple[Run, ...]

    def of(self, figure: Callable[[Run], float | None]) -> float | None:
        """Give the median of a figure over the runs that know it, None where none does."""
        known = [value for run in self.runs if (value := figure(run)) is not None]
        return median(known) if known else None

    def kinds(self) -> list[str]:
        """Give the kinds of event that these runs read."""
        return sorted({kind for run in self.runs for kind in run.events})

    def __str__(self) -> str:
        runs = "the last accepted run" if len(self.runs) == 1 else f"the last {len(self.runs)} accepted runs"
        return f"the median of {runs}" if len(self.runs) > 1 else runs


def usual_of(history: Sequence[Run]) -> Usual:
    """Take the last five promoted runs; a backfill is none of them.

    One that was forced is where a new habit begins: what was usual before it counts no more, or the next night would
    be rejected for the reason that somebody just overruled.
    """
    accepted = [run for run in history if run.outcome is Outcome.PROMOTED and run.as_of is None][-_RUNS:]
    forced = max((place for place, run in enumerate(accepted) if run.forced), default=0)
    return Usual(tuple(accepted[forced:]))
