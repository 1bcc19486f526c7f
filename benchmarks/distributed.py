"""`python -m benchmarks.distributed`: whole runs by threads and with `--dask local:N`, on the same cores.

Growing shops lie in a private MariaDB, one after the other. Sides take turns, each run is a process of its own with a
new store, and the best of each side counts. It ends with 1 where the two sides do not make the same model, byte by
byte. Next to the runs stands what the cost model (benchmarks.scaling) says of them; with `--check` it ends with 1 where
that is more than 30 % off in tasks, bytes or seconds. `--fit` measures on other sizes, and prints the model's rates.

One recipe, cosine, so that a step is the same step in every shop: `auto` takes what a budget of seconds allows, which
need not be the same on both sides.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.distributed_runs import SideRun, Way, run_side
from benchmarks.distributed_table import Compared, runs_table
from benchmarks.generated_shops import GeneratedShop
from benchmarks.growing_shops import in_database, roomy_server, shop_of
from benchmarks.machine import describe_machine, this_machine
from benchmarks.scaling_check import check_table, figures_of
from benchmarks.scaling_fit import equations_of, fitted, literal, store_here
from benchmarks.scaling_kernel import kernel_equations
from benchmarks.scaling_passes import Cluster
from benchmarks.scaling_rates import MEASURED_ON, Store
from benchmarks.scaling_run import Run
from benchmarks.shop_database import describe_server
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from tests.parts.mariadb import MariaDb
from trainer.planning.quantity import parse_quantity

_MILLIONS: Final = (1.0, 3.0, 10.0, 27.8)
# What is fitted to, none of which is checked: too small to be handed out, few blocks, and many.
_FITTED: Final = ((2.0, "1Gi"), (8.0, "1Gi"), (14.0, "400Mi"))
_WARM_UP_MILLIONS: Final = 0.02


@dataclass(frozen=True)
class Bench:
    """A database server, a folder, how many workers there are, and how often each side runs."""

    server: MariaDb
    folder: Path
    workers: int
    repeats: int
    store: Store

    def best(self, url: URL, ways: Sequence[Way]) -> list[SideRun]:
        """Give the best run of each way; they take turns."""
        runs = [[self._alone(url, way) for way in ways] for _ in range(self.repeats)]
        return [min(of_way, key=lambda one: one.seconds) for of_way in zip(*runs, strict=True)]

    def expected(self, shop: GeneratedShop, memory: str) -> Run:
        """Give what the model makes of a run on a shop."""
        cores = len(os.sched_getaffinity(0))
        threads = max(1, cores // self.workers)
        return Run.of(shop, Cluster(self.workers, parse_quantity(memory), threads, cores))

    def _alone(self, url: URL, way: Way) -> SideRun:
        """Run in a folder of its own, which goes: no run finds the model of one before."""
        folder = self.folder / "run"
        folder.mkdir()
        try:
            return run_side(url, folder, way)
        finally:
            shutil.rmtree(folder)


def main() -> Exit:
    """Compare, or fit."""
    arguments = _parser().parse_args()
    with _bench(arguments) as bench:
        return _fit(bench, arguments) if arguments.fit else _compare(bench, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.distributed", description=__doc__)
    sizes = f"millions of interactions (default: {' '.join(f'{one:g}' for one in _MILLIONS)})"
    parser.add_argument("--millions", type=float, nargs="+", default=_MILLIONS, help=sizes)
    parser.add_argument("--workers", type=int, default=2, help="Dask's workers, and cores of both sides (default: 2)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each side, of which the best counts")
    parser.add_argument("--memory", default="1Gi", help="a worker's memory (default: 1Gi)")
    parser.add_argument("--recipe", default="cosine", help="RECIPE (default: cosine); the model is of cosine's runs")
    parser.add_argument("--check", action="store_true", help="end with 1 where the cost model is more than 30 %% off")
    parser.add_argument("--fit", action="store_true", help="measure on other sizes, and print the model's rates anew")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of all runs to a file too")
    return parser


@contextmanager
def _bench(arguments: argparse.Namespace) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="recommender-distributed-") as name, roomy_server() as server:
        # Both sides get these cores, the server any.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.workers])
        folder = Path(name)
        bench = Bench(server, folder, arguments.workers, arguments.repeats, store_here(folder))
        with in_database(shop_of(_WARM_UP_MILLIONS), server, folder) as url:
            print(f"{describe_machine(this_machine(), describe_server(url).version)}\n", flush=True)
            bench.best(url, _ways(arguments))
        yield bench


def _ways(arguments: argparse.Namespace) -> list[Way]:
    recipe, memory = arguments.recipe, arguments.memory
    return [Way(recipe, None, memory), Way(recipe, arguments.workers, memory)]


def _compare(bench: Bench, arguments: argparse.Namespace) -> Exit:
    compared = list[Compared]()
    for millions in arguments.millions:
        compared.append(_compared(bench, millions, arguments))
        _keep(compared, arguments.json)
    print(runs_table(compared), flush=True)
    is_near = arguments.recipe != "cosine" or _checked(bench, compared, arguments.memory)
    is_same = all(one.is_same for one in compared)
    return Exit.DONE if is_same and (is_near or not arguments.check) else Exit.FAILED


def _compared(bench: Bench, millions: float, arguments: argparse.Namespace) -> Compared:
    _say(f"{millions:g} million: loading, then {bench.repeats} runs of each side")
    with in_database(shop_of(millions), bench.server, bench.folder) as url:
        return Compared(millions, *bench.best(url, _ways(arguments)))


def _checked(bench: Bench, compared: Sequence[Compared], memory: str) -> bool:
    """Print predictions next to what was measured; give whether all are near enough."""
    expected = [bench.expected(shop_of(one.millions), memory) for one in compared]
    checks = {
        one.workers.interactions: figures_of(of_one, one.workers, bench.store)
        for one, of_one in zip(compared, expected, strict=True)
    }
    print(f"\nThe cost model, {MEASURED_ON}:\n\n{check_table(checks)}", flush=True)
    return all(figure.holds for figures in checks.values() for figure in figures)


def _fit(bench: Bench, arguments: argparse.Namespace) -> Exit:
    equations, runs = kernel_equations(), list[SideRun]()
    for millions, memory in _FITTED:
        _say(f"{millions:g} million, {memory}: loading, then {bench.repeats} runs")
        with in_database(shop_of(millions), bench.server, bench.folder) as url:
            [measured] = bench.best(url, [Way(arguments.recipe, bench.workers, memory)])
        equations += equations_of(bench.expected(shop_of(millions), memory), measured, bench.store)
        runs.append(measured)
    _keep(runs, arguments.json)
    print(literal(fitted(equations), _told(bench.workers)))
    return Exit.DONE


def _told(workers: int) -> tuple[str, str]:
    """Say in two pieces what the rates were measured on."""
    machine, sizes = this_machine(), ", ".join(f"{millions:g}" for millions, _ in _FITTED)
    return (
        f"fitted to shops of {sizes} million interactions, {workers} workers, on {machine.cores} cores of ",
        f"{machine.cpu}, load {machine.load:.1f}, {datetime.now(UTC):%Y-%m-%d}",
    )


def _keep(figures: "Sequence[Compared] | Sequence[SideRun]", file: Path | None) -> None:
    if file:
        file.write_text(json.dumps([asdict(one) for one in figures], indent=1) + "\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    run(main)
