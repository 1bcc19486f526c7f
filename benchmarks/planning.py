"""`python -m benchmarks.planning`: what `python -m trainer plan` says, against real runs of several sizes.

It ends with 1 where a plan is further from the truth than it promises. `--fit` measures runs on other shops and prints
the table of trainer/planning/costs.py anew. It needs what requirements/bench.txt names, and MariaDB.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy.engine import URL

from benchmarks.cost_fit import Observed, fitted_table, read_observed, write_observed
from benchmarks.machine import Machine, this_machine
from benchmarks.measuring import measure_python
from benchmarks.planned_shops import CHECKED, FITTED, SAMPLE, PlannedShop, loaded, shop_server
from benchmarks.trainer_runs import run_trainer, trainer_environment
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from tests.parts.mariadb import MariaDb
from trainer.planning.costs import COSTS
from trainer.planning.estimate import PRECISION
from trainer.planning.size import ShopSize

_ALL: Final = list(dict.fromkeys(shop.name for shop in (*CHECKED, *FITTED)))


@dataclass(frozen=True)
class Check:
    """A plan beside the run that it was made for: megabytes, and seconds by the constants and by the history."""

    shop: str
    events: int
    plan_seconds: float
    planned_megabytes: float
    real_megabytes: float
    planned_seconds: float
    seconds_by_history: float
    real_seconds: float
    limit_to_set: str

    @property
    def factors(self) -> tuple[float, float, float]:
        """How many times too much or too little: memory, seconds, seconds by history."""
        return (
            _factor(self.planned_megabytes, self.real_megabytes),
            _factor(self.planned_seconds, self.real_seconds),
            _factor(self.seconds_by_history, self.real_seconds),
        )

    @property
    def holds(self) -> bool:
        """Whether the plan kept its promise in every respect."""
        return max(self.factors) <= PRECISION


def main() -> Exit:
    """Check, or fit, and leave nothing behind."""
    arguments = _parser().parse_args()
    if arguments.fit and arguments.observed and arguments.observed.exists():
        print(fitted_table(read_observed(arguments.observed), COSTS, this_machine()))
        return Exit.DONE
    with tempfile.TemporaryDirectory(prefix="recommender-planning-") as name, shop_server() as server:
        _warm_up(server, Path(name))
        return (_fit if arguments.fit else _check)(server, Path(name), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.planning", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="measure, and print the table of costs anew")
    kept = "with --fit: keep what was measured in a file; where it is there already, fit what is in it"
    parser.add_argument("--observed", type=Path, metavar="FILE", help=kept)
    parser.add_argument("--shop", action="append", choices=_ALL, help="take this one only (may be given again)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each shop, whose median counts (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    return parser


def _chosen(shops: Sequence[PlannedShop], arguments: argparse.Namespace) -> list[PlannedShop]:
    return [shop for shop in shops if not arguments.shop or shop.name in arguments.shop]


def _warm_up(server: MariaDb, top: Path) -> None:
    """Let Numba compile, which an image has done before."""
    folder = _folder(top, "warm up")
    with loaded(SAMPLE, server, folder) as url:
        run_trainer(url, folder, {})


def _check(server: MariaDb, top: Path, arguments: argparse.Namespace) -> Exit:
    shops = _chosen(CHECKED, arguments)
    checks = [_loaded_and_checked(shop, server, top, arguments.repeats) for shop in shops]
    print(_report(checks, this_machine()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(check) for check in checks], indent=1) + "\n")
    return Exit.DONE if all(check.holds for check in checks) else Exit.FAILED


def _loaded_and_checked(shop: PlannedShop, server: MariaDb, top: Path, repeats: int) -> Check:
    _say(f"{shop.name}: loading")
    folder = _folder(top, shop.name)
    with loaded(shop, server, folder) as url:
        return _checked(shop, url, folder, repeats)


def _checked(shop: PlannedShop, url: URL, folder: Path, repeats: int) -> Check:
    _say(f"{shop.name}: planning, then {repeats} runs")
    plan, plan_seconds = _plan(shop, url, folder)
    runs = [run_trainer(url, folder, shop.settings) for _ in range(repeats)]
    again, _ = _plan(shop, url, folder)
    return Check(
        shop=f"{shop.name} ({shop.database})",
        events=sum(plan["size"]["events"].values()),
        plan_seconds=plan_seconds,
        planned_megabytes=plan["memory"]["bytes"]["expected"] / 1e6,
        real_megabytes=max(run.peak_bytes for run in runs) / 1e6,
        planned_seconds=plan["time"]["seconds"]["expected"],
        seconds_by_history=again["time"]["seconds"]["expected"],
        real_seconds=median(run.seconds for run in runs),
        limit_to_set=plan["memory"]["limit_to_set"],
    )


def _plan(shop: PlannedShop, url: URL, folder: Path) -> tuple[dict[str, Any], float]:
    environment = trainer_environment(url, folder, shop.settings)
    measured = measure_python(["-m", "trainer", "plan", "--format", "json"], folder, environment)
    return json.loads(measured.output), measured.seconds


def _fit(server: MariaDb, top: Path, arguments: argparse.Namespace) -> Exit:
    observed = []
    for shop in _chosen(FITTED, arguments):
        _say(f"{shop.name}: loading")
        folder = _folder(top, shop.name)
        with loaded(shop, server, folder) as url:
            _say(f"{shop.name}: measuring")
            observed.append(_observed(shop, url, folder, arguments.repeats))
    if arguments.observed:
        write_observed(arguments.observed, observed)
    print(fitted_table(observed, COSTS, this_machine()), flush=True)
    return Exit.DONE


def _observed(shop: PlannedShop, url: URL, folder: Path, repeats: int) -> Observed:
    """Run several times as it is, for the seconds, and once step by step, for the memory.

    The very first run has no model in service to compare with, so that it is not like the others.
    """
    size = ShopSize(**_plan(shop, url, folder)[0]["size"])
    run_trainer(url, folder, shop.settings)
    runs = [run_trainer(url, folder, shop.settings) for _ in range(repeats)]
    seconds = {step: median(run.seconds_by_step[step] for run in runs) for step in runs[0].seconds_by_step}
    seconds["start"] = median(run.seconds_outside_steps for run in runs)
    environment = trainer_environment(url, folder, shop.settings)
    stepwise = json.loads(measure_python(["-m", "benchmarks.step_peaks"], folder, environment).output)
    peaks, file_bytes = stepwise["peak_bytes_by_step"], stepwise["file_bytes"]
    return Observed(shop.name, size, this_machine().cores, seconds, peaks, file_bytes)


def _report(checks: list[Check], machine: Machine) -> str:
    header = (
        *("shop", "events", "plan took s", "planned MB", "real MB", "factor", "planned s", "real s", "factor"),
        *("by history s", "factor", "limit to set"),
    )
    lines = [header, ("---", *("---:" for _ in header[1:])), *(_row(check) for check in checks)]
    worst = max(max(check.factors) for check in checks)
    return "\n".join(
        [
            f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}",
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            f"The worst factor is {worst:.2f} (at most {PRECISION} promised).",
        ]
    )


def _row(check: Check) -> tuple[str, ...]:
    memory, seconds, by_history = check.factors
    return (
        check.shop,
        f"{check.events:,}",
        f"{check.plan_seconds:.1f}",
        f"{check.planned_megabytes:.0f}",
        f"{check.real_megabytes:.0f}",
        f"{memory:.2f}",
        f"{check.planned_seconds:.1f}",
        f"{check.real_seconds:.1f}",
        f"{seconds:.2f}",
        f"{check.seconds_by_history:.1f}",
        f"{by_history:.2f}",
        check.limit_to_set,
    )


def _factor(planned: float, real: float) -> float:
    return max(planned / real, real / planned)


def _folder(top: Path, name: str) -> Path:
    folder = top / name.replace(" ", "-")
    folder.mkdir()
    return folder


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    run(main)
