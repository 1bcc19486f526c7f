"""Fitting the table of costs to runs: for each step the non-negative rates that are least wrong in proportion."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import nnls

from benchmarks.machine import Machine
from trainer.planning.costs import Drivers, StepCost
from trainer.planning.size import ShopSize

# What a step that the table does not have yet may depend on.
_ANY_SECONDS: Final = ("once", "events", "interactions", "additions", "co_occurring")
_ANY_MEGABYTES: Final = ("once", "events", "users", "interactions", "neighbours", "text_ids")
# Shorter and smaller than that, a step's error is not worth more than another's.
_LEAST_SECONDS: Final = 0.5
_LEAST_MEGABYTES: Final = 50.0
_DIGITS: Final = 3


@dataclass(frozen=True)
class Observed:
    """A run on a shop: the seconds of each step (`start` is what is outside of them) and the process's peak in it.

    `file_bytes` is what of them were pages of files at the end.
    """

    name: str
    size: ShopSize
    threads: int
    seconds_by_step: Mapping[str, float]
    peak_bytes_by_step: Mapping[str, float]
    file_bytes: float


def read_observed(file: Path) -> list[Observed]:
    """Read what `write_observed` wrote."""
    return [Observed(**{**one, "size": ShopSize(**one["size"])}) for one in json.loads(file.read_text())]


def write_observed(file: Path, observed: Sequence[Observed]) -> None:
    """Keep what was measured, so that the table can be fitted anew with other drivers."""
    file.write_text(json.dumps([asdict(one) for one in observed], indent=1) + "\n")


def fitted_table(observed: Sequence[Observed], table: Sequence[StepCost], machine: Machine) -> str:
    """Give the lines of trainer/planning/costs.py from MEASURED_ON on."""
    known = {cost.step: cost for cost in table}
    steps = [*known, *(step for step in observed[0].seconds_by_step if step not in known)]
    rows = [_row(step, known.get(step), observed) for step in steps]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return "\n".join(
        [
            f'MEASURED_ON: Final = "constants measured on {machine.cores} cores of {machine.cpu}, {day}"',
            f"FILE_MEGABYTES: Final = {min(one.file_bytes for one in observed) / 1e6:.0f}",
            "",
            "COSTS: Final = (",
            *(f"    {row}," for row in rows if row),
            ")",
        ]
    )


def fit(drivers: Sequence[str], sizes: Sequence[Drivers], values: Sequence[float], least: float) -> dict[str, float]:
    """Give the rates of these drivers that come nearest to the values, each error weighed by its value."""
    weights = 1.0 / np.maximum(np.asarray(values), least)
    matrix = np.array([[getattr(size, name) for name in drivers] for size in sizes])
    rates, _ = nnls(matrix * weights[:, None], np.asarray(values) * weights)
    return {name: float(f"{rate:.{_DIGITS}g}") for name, rate in zip(drivers, rates, strict=True)}


def _row(step: str, known: StepCost | None, observed: Sequence[Observed]) -> str:
    """Fit one step, by the drivers that the table names for it; a step that is always short is left out."""
    drivers = [Drivers.of(one.size, one.threads) for one in observed]
    seconds = [one.seconds_by_step[step] for one in observed]
    if known is None and max(seconds) < _LEAST_SECONDS:
        return ""
    rates = fit(tuple(known.seconds) if known else _ANY_SECONDS, drivers, seconds, _LEAST_SECONDS)
    megabytes = _fitted_megabytes(step, known, observed, drivers)
    return f'StepCost("{step}", {_literal(rates)}, {_literal(megabytes)})'


def _fitted_megabytes(
    step: str, known: StepCost | None, observed: Sequence[Observed], drivers: Sequence[Drivers]
) -> Mapping[str, float]:
    """Fit a step's memory; what lies outside of the steps keeps its own, since nobody measured it."""
    if known and step not in observed[0].peak_bytes_by_step:
        return known.megabytes
    peaks = [one.peak_bytes_by_step[step] / 1e6 for one in observed]
    return fit(tuple(known.megabytes) if known else _ANY_MEGABYTES, drivers, peaks, _LEAST_MEGABYTES)


def _literal(rates: Mapping[str, float]) -> str:
    return "{" + ", ".join(f'"{name}": {rate:g}' for name, rate in rates.items()) + "}"
