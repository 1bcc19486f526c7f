"""Extraction against its peers: the sides take turns, each reading in a fresh process, and the best of each counts."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.extraction_sides import SIDES, Reading
from benchmarks.measuring import measure_python
from benchmarks.trainer_runs import trainer_environment
from trainer.reading.queries import DEFAULT_SQL

_FEW_ROWS: Final = 1000
_FEW: Final = {"EVENTS": json.dumps({kind: {"sql": f"{sql} LIMIT {_FEW_ROWS}"} for kind, sql in DEFAULT_SQL.items()})}


@dataclass(frozen=True)
class Side:
    """One side's readings. `idle_peak_bytes` is its peak with 1,000 rows a kind: libraries, and next to no data."""

    name: str
    seconds: list[float]
    best_seconds: float
    peak_bytes: int
    idle_peak_bytes: int
    events: int

    @property
    def data_bytes(self) -> int:
        """What the data took at the peak."""
        return self.peak_bytes - self.idle_peak_bytes


@dataclass(frozen=True)
class Comparison:
    """All sides on the same tables; `ratio` is how many times as long pandas takes as the trainer."""

    sides: dict[str, Side]
    ratio: float


def compare_sides(url: URL, folder: Path, repeats: int) -> Comparison:
    """Let each side read `repeats` times. Raises RuntimeError where they did not read the same events."""
    idle = {name: _read(name, url, folder, _FEW) for name in SIDES}
    turns = [{name: _read(name, url, folder, {}) for name in SIDES} for _ in range(repeats)]
    _check_same_events(turns)
    sides = {name: _side(name, idle[name], [turn[name] for turn in turns]) for name in SIDES}
    return Comparison(sides, sides["pandas"].best_seconds / sides["trainer"].best_seconds)


def _read(name: str, url: URL, folder: Path, settings: dict[str, str]) -> Reading:
    environment = trainer_environment(url, folder, settings)
    measured = measure_python(["-m", "benchmarks.extraction_sides", name], folder, environment)
    reading = Reading(**json.loads(measured.output))
    sys.stderr.write(f"{name}: {reading.events:,} events in {reading.seconds:.2f} s\n")
    return reading


def _side(name: str, idle: Reading, readings: list[Reading]) -> Side:
    seconds = [reading.seconds for reading in readings]
    peak_bytes = max(reading.peak_bytes for reading in readings)
    return Side(name, seconds, min(seconds), peak_bytes, idle.peak_bytes, readings[0].events)


def _check_same_events(turns: list[dict[str, Reading]]) -> None:
    readings = [reading for turn in turns for reading in turn.values()]
    counts = {reading.events for reading in readings}
    sums = {tuple(reading.sums) for reading in readings if reading.sums is not None}
    if len(counts) != 1 or len(sums) != 1:
        raise RuntimeError(f"the sides read different events: {counts} of them, summing up to {sums}")
