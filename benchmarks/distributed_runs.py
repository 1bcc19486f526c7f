"""Whole runs of the trainer on one shop: by threads, and with Dask's workers on the same cores."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from benchmarks.measuring import Measured, measure_python
from benchmarks.trainer_runs import trainer_environment
from benchmarks.watched_tasks import Tasks
from registry.manifest import MODEL_FILE


@dataclass(frozen=True)
class Way:
    """How a run is made: the recipe, Dask's workers (None for threads only), and the memory of each worker."""

    recipe: str
    workers: int | None
    memory: str

    @property
    def arguments(self) -> list[str]:
        """What Python is started with."""
        return ["trainer"] if self.workers is None else ["benchmarks.watched_run", "--dask", f"local:{self.workers}"]

    @property
    def settings(self) -> dict[str, str]:
        """The run's settings: it is to try it, whatever memory a plan asks for."""
        return {
            "RECIPE": self.recipe,
            "WORKER_MEMORY": self.memory,
            "MEMORY_CHECK": "warn",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
        }


@dataclass(frozen=True)
class Moved:
    """Bytes that went into staging, and that were taken out of it."""

    staged: int = 0
    fetched: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.staged + other.staged, self.fetched + other.fetched)


@dataclass(frozen=True)
class SideRun:
    """One run: wall seconds of all and of its steps, what was made, and what workers did for it.

    `peak_bytes` is of the process that leads, `worker_peak_bytes` of the largest worker; `sha256` is the model file's.
    """

    events: int
    interactions: int
    users: int
    products: int
    seconds: float
    seconds_by_step: Mapping[str, float]
    sha256: str
    peak_bytes: int
    worker_peak_bytes: int = 0
    moved_here: Moved = Moved()
    moved_by_workers: Moved = Moved()
    tasks: Tasks = field(default_factory=Tasks)

    @property
    def seconds_outside_steps(self) -> float:
        """Starting Python, imports, and the end: of workers too."""
        return self.seconds - sum(self.seconds_by_step.values())


def run_side(url: URL, folder: Path, way: Way) -> SideRun:
    """Train once from a database into a new store in a folder. Raises RuntimeError where the run fails."""
    measured = measure_python(["-m", *way.arguments], folder, trainer_environment(url, folder, way.settings))
    store = folder / "store"
    run = json.loads((store / "metrics.json").read_bytes())[-1]
    manifest = json.loads((store / "models" / run["version"] / "manifest.json").read_bytes())
    return SideRun(
        events=sum(manifest["events"].values()),
        interactions=run["n_interactions"],
        users=run["n_users"],
        products=run["n_products"],
        seconds=measured.seconds,
        seconds_by_step=run["seconds_by_step"],
        sha256=manifest["files"][MODEL_FILE]["sha256"],
        **_of_workers(measured) if way.workers else {"peak_bytes": measured.peak_bytes},
    )


def _of_workers(measured: Measured) -> dict[str, Any]:
    told, lines = json.loads(measured.output), list(log_lines(measured.errors))
    workers = [line["worker"] for line in lines if "worker" in line]
    return {
        "peak_bytes": told.pop("peak_bytes"),
        "worker_peak_bytes": max(one["peak_bytes"] for one in workers),
        "moved_by_workers": sum(map(_moved, workers), Moved()),
        "moved_here": sum((_moved(line) for line in lines if "staged_bytes" in line), Moved()),
        "tasks": Tasks(**told),
    }


def log_lines(text: str) -> Iterable[dict[str, Any]]:
    """Give the lines that are JSON; what a library writes by itself is none."""
    for row in text.splitlines():
        if row.startswith("{"):
            yield json.loads(row)


def _moved(line: Mapping[str, Any]) -> Moved:
    return Moved(line["staged_bytes"], line["fetched_bytes"])
