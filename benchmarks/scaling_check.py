"""What the cost model predicts of a run with workers, next to what was measured of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.distributed_runs import SideRun
from benchmarks.markdown import table
from benchmarks.scaling_fit import step_seconds
from benchmarks.scaling_rates import Store, leading_bytes, seconds_by_step, worker_bytes
from benchmarks.scaling_run import Run

PRECISION: Final = 0.3
_MEGABYTE: Final = 1e6


@dataclass(frozen=True)
class Figure:
    """One figure of a run; `counts` where a prediction that is too far off makes the check fail."""

    what: str
    predicted: float
    measured: float
    counts: bool = True

    @property
    def error(self) -> float:
        """How far off the prediction is, in proportion to what was measured."""
        return 0.0 if self.predicted == self.measured else self.predicted / max(self.measured, 1e-9) - 1

    @property
    def holds(self) -> bool:
        """Whether the prediction is near enough."""
        return not self.counts or abs(self.error) <= PRECISION


def figures_of(expected: Run, measured: SideRun, store: Store) -> list[Figure]:
    """Give tasks, bytes, seconds and memory; memory, and the seconds of a step alone, are told and do not count."""
    here, workers = measured.moved_here, measured.moved_by_workers
    seconds, measured_seconds = seconds_by_step(expected, store), step_seconds(measured)
    memory = (leading_bytes(expected), measured.peak_bytes), (worker_bytes(expected), measured.worker_peak_bytes)
    return [
        Figure("blocks of all passes", sum(expected.blocks), sum(measured.tasks.blocks.values())),
        Figure("tasks", expected.tasks, sum(measured.tasks.counts.values())),
        Figure("MB staged by the leading process", expected.staged_here / _MEGABYTE, here.staged / _MEGABYTE),
        Figure("MB fetched by it", expected.event_bytes / _MEGABYTE, here.fetched / _MEGABYTE),
        Figure("MB staged by workers", expected.staged_by_workers / _MEGABYTE, workers.staged / _MEGABYTE),
        Figure("MB fetched by workers", expected.fetched_by_workers / _MEGABYTE, workers.fetched / _MEGABYTE),
        Figure("**seconds of the run**", sum(seconds.values()), measured.seconds),
        *(Figure(f"seconds of {step}", seconds[step], measured_seconds[step], counts=False) for step in seconds),
        *(
            Figure(f"MB of {who}", predicted / _MEGABYTE, took / _MEGABYTE, counts=False)
            for who, (predicted, took) in zip(("the leading process", "a worker"), memory, strict=True)
        ),
    ]


def check_table(checks: Mapping[int, Sequence[Figure]]) -> str:
    """Give the table of runs on shops of so many interactions: a row for each figure, three columns for each run."""
    columns = ((f"{n:,}: predicted", "measured", "off by") for n in checks)
    header = ("", *(name for columns_of_run in columns for name in columns_of_run))
    return table(header, (_row(figures) for figures in zip(*checks.values(), strict=True)))


def _row(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Give one figure of all runs."""
    return figures[0].what, *(cell for figure in figures for cell in _cells(figure))


def _cells(one: Figure) -> tuple[str, str, str]:
    error = f"{one.error:+.0%}" if one.counts else f"({one.error:+.0%})"
    return f"{one.predicted:,.1f}", f"{one.measured:,.1f}", error if one.holds else f"**{error}**"
