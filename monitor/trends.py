"""Trends: what figures did over the last promoted runs, not only what they are now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

from monitor.holdouts import rate_of
from registry.history import Outcome, Run

# Of fewer runs a line says nothing.
LEAST_RUNS: Final = 4


@dataclass(frozen=True)
class Trend:
    """A figure over some runs, oldest first: the line through them, which no single odd run can turn.

    slope: the median of the slopes of all pairs of runs, a run (Theil, 1950; Sen, "Estimates of the regression
    coefficient based on Kendall's tau", JASA 63, 1968). change: how much that adds up to over these runs, as a share of
    where the line begins; None where that is 0 or less.
    """

    figure: str
    values: tuple[float, ...]

    @property
    def slope(self) -> float:
        """The change from one run to the next."""
        pairs = combinations(enumerate(self.values), 2)
        return median((later - earlier) / (place - before) for (before, earlier), (place, later) in pairs)

    @property
    def begin(self) -> float:
        """Where the line begins."""
        return median(value - self.slope * place for place, value in enumerate(self.values))

    @property
    def change(self) -> float | None:
        """The change over all these runs, as a share."""
        return self.slope * (len(self.values) - 1) / self.begin if self.begin > 0 else None


def trends_of(runs: Sequence[Run], n_runs: int) -> dict[str, Trend]:
    """Give the trends of the figures that the last promoted runs know, by name; a backfill is none of these runs."""
    promoted = [run for run in runs if run.outcome is Outcome.PROMOTED and run.as_of is None][-n_runs:]
    found = {}
    for name, figure in _FIGURES.items():
        values = tuple(float(value) for run in promoted if (value := figure(run)) is not None)
        if len(values) >= LEAST_RUNS:
            found[name] = Trend(name, values)
    return found


def _ndcg(run: Run) -> float | None:
    rate = rate_of(run, "candidate", "ndcg")
    return None if rate is None else rate.mean


_FIGURES: Final[dict[str, Callable[[Run], float | None]]] = {
    "n_users": lambda run: run.n_users,
    "n_products": lambda run: run.n_products,
    "n_interactions": lambda run: run.n_interactions,
    "similarity_density": lambda run: run.similarity_density,
    "ndcg": _ndcg,
    "duration_seconds": lambda run: run.duration_seconds,
}
