"""`python -m benchmarks.growth`: what a run of the trainer takes as a shop grows, from database to promoted model.

Shops of 1 to 100 million interactions lie in a private MariaDB, one after the other; each run is a process of its own
with a new store. Up to 10 million the best of 3 runs counts, above there is one. `--limit 16Gi` puts each run into a
control group with that limit (needs root), in which it ends or is killed. Then the powers of size that fit best, and
what they make of ten times the largest.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.grouped_runs import GrownRun, run_grouped
from benchmarks.growing_shops import in_database, roomy_server, shop_of
from benchmarks.machine import this_machine
from benchmarks.power_law import PowerLaw
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from tests.parts.mariadb import MariaDb
from trainer.planning.quantity import parse_quantity

_MILLIONS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)
_STEPS: Final = ("extract", "evaluate", "matrix", "build", "publish")
_REPEATED_MILLIONS: Final = 10
# Enough for a holdout, so that every step imports what it does in a large shop.
_IDLE_MILLIONS: Final = 0.02
_IDLE_REPEATS: Final = 3
_COLUMNS: Final = ("interactions", "users", "products", *_STEPS, "whole s", "peak MB", "group's peak MB", "outcome")


def main() -> Exit:
    """Measure shop after shop, print each row when it is known, and what follows from all."""
    arguments = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="recommender-growth-") as name, roomy_server() as server:
        folder = Path(name)
        print(f"{_setting(arguments)}\n\n| {' | '.join(_COLUMNS)} |\n|{'---:|' * len(_COLUMNS)}")
        idle = _idle(server, folder, arguments.limit)
        runs = [done for millions in arguments.millions if (done := _measured(millions, server, folder, arguments))]
    if len({one.interactions for one in runs}) > 1:
        print(_exponents(idle, runs))
        print(f"\n{_next(idle, runs)}")
    return Exit.DONE if len(runs) == len(arguments.millions) else Exit.FAILED


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    sizes = f"millions of interactions (default: {' '.join(f'{one:g}' for one in _MILLIONS)})"
    parser.add_argument("--millions", type=float, nargs="+", default=_MILLIONS, help=sizes)
    parser.add_argument(
        "--repeats", type=int, default=3, help="runs of shops up to 10 million, of which the best counts"
    )
    limit = "put each run into a control group with this memory limit, such as 16Gi"
    parser.add_argument("--limit", type=parse_quantity, metavar="QUANTITY", help=limit)
    return parser


def _idle(server: MariaDb, top: Path, limit: int | None) -> GrownRun:
    """Measure a shop that is next to nothing; the first run lets Numba compile and does not count."""
    with in_database(shop_of(_IDLE_MILLIONS), server, top) as url:
        runs = [_alone(url, top, limit) for _ in range(1 + _IDLE_REPEATS)]
    idle = _fastest(runs[1:])
    print(_row(idle), flush=True)
    return idle


def _measured(millions: float, server: MariaDb, top: Path, arguments: argparse.Namespace) -> GrownRun | None:
    """Measure a shop, and print its row; None where its run did not end, such as one that the limit has killed."""
    _say(f"{millions:g} million: loading")
    started = time.monotonic()
    with in_database(shop_of(millions), server, top) as url:
        repeats = arguments.repeats if millions <= _REPEATED_MILLIONS else 1
        _say(f"{millions:g} million: loaded in {time.monotonic() - started:.0f} s; runs: {repeats}")
        try:
            best = _fastest([_alone(url, top, arguments.limit) for _ in range(repeats)])
        except RuntimeError as error:
            _say(f"{millions:g} million: {error}")
            return None
    print(_row(best), flush=True)
    return best


def _alone(url: URL, top: Path, limit: int | None) -> GrownRun:
    """Run in a folder of its own, which goes: no run finds the model of one before."""
    folder = top / "run"
    folder.mkdir()
    try:
        return run_grouped(url, folder, limit)
    finally:
        shutil.rmtree(folder)


def _fastest(runs: Sequence[GrownRun]) -> GrownRun:
    return min(runs, key=lambda one: one.seconds)


def _setting(arguments: argparse.Namespace) -> str:
    machine = this_machine()
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    limit = f"{arguments.limit / 1e6:,.0f} MB by control group" if arguments.limit else "none"
    return (
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_bytes / 1e9:.1f} GB, load {machine.load:.1f}; "
        f"{versions}; memory limit: {limit}\n\n"
        "Steps in seconds. The first row is a shop that is next to nothing: what any run takes."
    )


def _row(one: GrownRun) -> str:
    group = "-" if one.group_peak_bytes is None else f"{one.group_peak_bytes / 1e6:,.0f}"
    cells = [
        *(f"{size:,}" for size in (one.interactions, one.users, one.products)),
        *(f"{one.seconds_by_step[step]:.2f}" for step in _STEPS),
        *(f"{one.seconds:.2f}", f"{one.peak_bytes / 1e6:,.0f}", group, one.outcome),
    ]
    return f"| {' | '.join(cells)} |"


def _exponents(idle: GrownRun, runs: Sequence[GrownRun]) -> str:
    """Give a last row: the power of the interactions with which each column grows, above what any run takes."""
    figures: list[Callable[[GrownRun], float | None]] = [
        lambda one: one.users,
        lambda one: one.products,
        *(lambda one, step=step: one.seconds_by_step[step] for step in _STEPS),
        lambda one: one.seconds,
        lambda one: one.peak_bytes,
        lambda one: one.group_peak_bytes,
    ]
    laws = [_growth(figure, idle, runs) for figure in figures]
    cells = ["grows with the power", *("-" if law is None else f"{law.exponent:.2f}" for law in laws), ""]
    return f"| {' | '.join(cells)} |"


def _growth(figure: Callable[[GrownRun], float | None], idle: GrownRun, runs: Sequence[GrownRun]) -> PowerLaw | None:
    """Fit a figure above what any run takes; None where it is not known, or not above."""
    least, values = figure(idle) or 0.0, [figure(one) or 0.0 for one in runs]
    above = [value - least for value in values]
    return PowerLaw.fitted([one.interactions for one in runs], above) if min(above) > 0 else None


def _next(idle: GrownRun, runs: Sequence[GrownRun]) -> str:
    """Say what ten times the largest shop will take, if all goes on as it did."""
    size = 10 * max(one.interactions for one in runs)
    seconds, memory = (_growth(figure, idle, runs) for figure in (lambda one: one.seconds, lambda one: one.peak_bytes))
    if seconds is None or memory is None:
        return "No shop took more than any run does: nothing can be fitted."
    in_all = f"{idle.seconds + seconds.at(size):,.0f} s and {(idle.peak_bytes + memory.at(size)) / 1e6:,.0f} MB"
    return (
        f"Above what any run takes, seconds grow with the power {seconds.exponent:.2f} of the interactions (the fit is "
        f"within a factor of {seconds.worst_factor:.2f}) and memory with {memory.exponent:.2f} (within "
        f"{memory.worst_factor:.2f}).\nBy that, {size:,} interactions will need {in_all}."
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    run(main)
