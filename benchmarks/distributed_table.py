"""Runs by threads and by workers as a table: two rows a shop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.distributed_runs import SideRun
from benchmarks.markdown import table

STEPS: Final = ("extract", "evaluate", "companions", "matrix", "build", "publish")
_HEADER: Final = (
    *("by", "interactions", "seconds", "ratio", *STEPS, "other", "peak MB", "a worker's peak MB"),
    *("MB staged", "MB fetched", "blocks", "tasks", "same bytes"),
)
_NONE: Final = "-"


@dataclass(frozen=True)
class Compared:
    """A shop of about so many million interactions, and the best run of each side on it."""

    millions: float
    threads: SideRun
    workers: SideRun

    @property
    def is_same(self) -> bool:
        """Whether both made the same model, byte by byte."""
        return self.threads.sha256 == self.workers.sha256


def runs_table(compared: Sequence[Compared]) -> str:
    """Give the table."""
    return table(_HEADER, (row for one in compared for row in _rows(one)))


def _rows(one: Compared) -> Iterator[tuple[str, ...]]:
    yield ("threads", *_timed(one.threads, one.threads), *(_NONE,) * 6)
    workers = one.workers
    moved = workers.moved_here + workers.moved_by_workers
    blocks = ", ".join(str(n) for n in workers.tasks.blocks.values()) or _NONE
    yield (
        *("workers", *_timed(workers, one.threads), f"{workers.worker_peak_bytes / 1e6:,.0f}"),
        *(f"{moved.staged / 1e6:,.0f}", f"{moved.fetched / 1e6:,.0f}"),
        *(blocks, str(sum(workers.tasks.counts.values())), "yes" if one.is_same else "NO"),
    )


def _timed(run: SideRun, threads: SideRun) -> tuple[str, ...]:
    steps = [run.seconds_by_step[step] for step in STEPS]
    seconds = [f"{one:.1f}" for one in (*steps, run.seconds - sum(steps))]
    ratio = f"{run.seconds / threads.seconds:.2f}"
    return f"{run.interactions:,}", f"{run.seconds:.1f}", ratio, *seconds, f"{run.peak_bytes / 1e6:,.0f}"
