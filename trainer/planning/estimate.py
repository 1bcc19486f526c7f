"""What a run on a shop of a given size will take: the sum of its steps' seconds, and the peak of its steps' memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from registry.history import Run
from trainer.planning.costs import COSTS, FILE_MEGABYTES, MEASURED_ON, Drivers
from trainer.planning.size import ShopSize, size_of_run

# What is promised of an estimate: the truth is at most so many times as much, or as little.
PRECISION: Final = 1.5
_MEGABYTE: Final = 1e6
_RECENT_RUNS: Final = 5
# Steps this short say more about the machine's other work than about themselves.
_NOISE_SECONDS: Final = 0.1
_LARGEST_CORRECTION: Final = 10.0


@dataclass(frozen=True)
class Estimate:
    """Seconds by step, and bytes that the process holds at each step's peak; `basis` is where the seconds are from."""

    seconds_by_step: dict[str, float]
    bytes_by_step: dict[str, float]
    basis: str

    @property
    def seconds(self) -> float:
        """Seconds of the whole process."""
        return sum(self.seconds_by_step.values())

    @property
    def peak_bytes(self) -> float:
        """The most that the process holds."""
        return max(self.bytes_by_step.values())

    @property
    def peak_step(self) -> str:
        """The step in which it holds that."""
        return max(self.bytes_by_step, key=self.bytes_by_step.__getitem__)


def estimate(size: ShopSize, threads: int, history: Sequence[Run]) -> Estimate:
    """Estimate a run by the measured constants, the seconds corrected by the latest runs that say what they took."""
    runs = _comparable(history)
    drivers = Drivers.of(size, threads)
    seconds = {cost.step: drivers.cost(cost.seconds) for cost in COSTS}
    corrected = {step: value * _correction(step, size, threads, runs) for step, value in seconds.items()}
    return Estimate(
        {**corrected, **_other_steps(runs)},
        _bytes_by_step(drivers),
        _basis(runs),
    )


def peak_bytes(size: ShopSize, threads: int) -> float:
    """Give the most that a run on a shop holds; at least that where not all of its size is known."""
    return max(_bytes_by_step(Drivers.of(size, threads)).values())


def least_limit_bytes(peak: float) -> float:
    """Give the limit below which a run with such a peak is killed: program files need not stay in memory."""
    return peak - _MEGABYTE * FILE_MEGABYTES


def _bytes_by_step(drivers: Drivers) -> dict[str, float]:
    return {cost.step: _MEGABYTE * drivers.cost(cost.megabytes) for cost in COSTS}


def _comparable(history: Sequence[Run]) -> list[tuple[Run, ShopSize]]:
    sizes = ((run, size_of_run(run)) for run in reversed(history) if run.seconds_by_step)
    return [(run, size) for run, size in sizes if size is not None][:_RECENT_RUNS]


def _correction(step: str, size: ShopSize, threads: int, runs: list[tuple[Run, ShopSize]]) -> float:
    """Give how many times the constants' seconds a step took on this machine, 1 where no run says."""
    rates = next(cost.seconds for cost in COSTS if cost.step == step)
    found = [
        (run.seconds_by_step[step] + _NOISE_SECONDS)
        / (Drivers.of(then.with_kernel_work_of(size), threads).cost(rates) + _NOISE_SECONDS)
        for run, then in runs
        if step in run.seconds_by_step
    ]
    return min(max(median(found), 1 / _LARGEST_CORRECTION), _LARGEST_CORRECTION) if found else 1.0


def _other_steps(runs: list[tuple[Run, ShopSize]]) -> dict[str, float]:
    """Give the usual seconds of the steps that the table does not have, such as waiting for replicas."""
    known = {cost.step for cost in COSTS}
    others = {step for run, _ in runs for step in run.seconds_by_step} - known
    return {
        step: median(run.seconds_by_step[step] for run, _ in runs if step in run.seconds_by_step)
        for step in sorted(others)
    }


def _basis(runs: list[tuple[Run, ShopSize]]) -> str:
    if not runs:
        return MEASURED_ON
    return "the last run" if len(runs) == 1 else f"the last {len(runs)} runs"
