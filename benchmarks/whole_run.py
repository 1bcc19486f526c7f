"""`python -m benchmarks.whole_run`: database to promoted model, `python -m trainer` next to a straightforward script.

The shop is the Complete Journey in MariaDB, as in `python -m benchmarks.completejourney`. The script is what a shop
would write with pandas and scikit-learn; it runs as it is, and without its evaluation, which the trainer never leaves
out. Sides run in turn, each in a process of its own with a new store, and the best run of each counts. It ends with 1
where the script does not find the trainer's neighbours. It needs what requirements/bench.txt names, and scikit-learn.
"""

import argparse
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.journey import PURCHASES, shop_tables
from benchmarks.machine import this_machine
from benchmarks.measuring import measure_python
from benchmarks.same_neighbours import first_difference, sampled_items
from benchmarks.shop_database import describe_server, shop_database
from benchmarks.shop_loader import load_shop
from benchmarks.trainer_runs import run_trainer, trainer_environment
from model.model import Model
from registry.files import FileStore
from registry.registry import Registry
from runtime.arguments import ArgumentParser
from runtime.errors import BadSettingsError, Exit, RecommenderError
from runtime.process import run
from trainer.settings import TrainerSettings

# Both sides hold out the last four weeks.
_SETTINGS: Final = {"HOLDOUT_DAYS": "28"}
_COMPARED_PRODUCTS: Final = 1000
_TRAINER: Final = "`python -m trainer`"


@dataclass(frozen=True)
class WholeRun:
    """One run of a side: wall seconds of the whole process, and its largest resident set."""

    seconds: float
    peak_bytes: int


Side = Callable[[URL, Path], WholeRun]


def main() -> Exit:
    """Measure, compare what was found, and print the table."""
    arguments = _parser().parse_args()
    sklearn = _sklearn_version()
    settings = TrainerSettings.load()
    with tempfile.TemporaryDirectory(prefix="recommender-whole-run-") as name, shop_database(settings) as url:
        folder = Path(name)
        _say(f"Loading {arguments.rows:,} purchases")
        load_shop(url, shop_tables(arguments.rows), folder)
        _say(f"Comparing the neighbours of {_COMPARED_PRODUCTS:,} products")
        n_compared = _check_same(url, folder)
        _say(f"{len(SIDES)} sides, {arguments.repeats} times in turn")
        best = _best(url, folder, arguments.repeats)
        print(f"{_setting(url, sklearn, arguments)}\n\n{_table(best)}\n")
        print(f"The script finds the trainer's neighbours: {n_compared:,} products compared, scores within 1e-5.")
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.whole_run", description=__doc__)
    parser.add_argument("--rows", type=int, default=PURCHASES, help="take the first so many purchases only")
    parser.add_argument("--repeats", type=int, default=5, help="how often each side runs, of which the best counts")
    return parser


def _sklearn_version() -> str:
    try:
        return version("scikit-learn")
    except PackageNotFoundError:
        raise BadSettingsError("scikit-learn is not installed", hint="pip install scikit-learn") from None


def _trainer(url: URL, folder: Path) -> WholeRun:
    done = run_trainer(url, folder, _SETTINGS)
    return WholeRun(done.seconds, done.peak_bytes)


def _script(command: str) -> Side:
    def run_script(url: URL, folder: Path) -> WholeRun:
        address = url.render_as_string(hide_password=False)
        arguments = ["-m", "benchmarks.straightforward_script", command, address, str(folder)]
        done = measure_python(arguments, folder, trainer_environment(url, folder, {}))
        return WholeRun(done.seconds, done.peak_bytes)

    return run_script


SIDES: Final[dict[str, Side]] = {
    _TRAINER: _trainer,
    "script": _script("evaluate-and-train"),
    "script without its evaluation": _script("train"),
}


def _best(url: URL, folder: Path, repeats: int) -> dict[str, WholeRun]:
    runs = [{name: _alone(side, url, folder) for name, side in SIDES.items()} for _ in range(repeats)]
    return {name: min((of_all[name] for of_all in runs), key=lambda one: one.seconds) for name in SIDES}


def _alone(side: Side, url: URL, top: Path) -> WholeRun:
    """Run a side in a folder of its own, which goes: no run finds the model of one before."""
    folder = top / "run"
    folder.mkdir()
    try:
        return side(url, folder)
    finally:
        shutil.rmtree(folder)


def _check_same(url: URL, top: Path) -> int:
    """Run the trainer and the script once, which warms up both, and compare; give how many products were compared.

    Raises RecommenderError where the two differ.
    """
    folder = top / "compared"
    folder.mkdir()
    _trainer(url, folder)
    _script("train")(url, folder)
    model = _promoted(folder)
    items = sampled_items(model.neighbours, _COMPARED_PRODUCTS)
    made = pickle.loads((folder / (folder / "current").read_text()).read_bytes())
    is_same_shop = made["product_ids"].tolist() == [int(model.products.at(idx)) for idx in range(len(model.products))]
    why = first_difference(model.neighbours, made["neighbours"], items) if is_same_shop else "other products"
    if why:
        raise RecommenderError(f"the script and the trainer do not find the same neighbours: {why}")
    return len(items)


def _promoted(folder: Path) -> Model:
    """Load the model that the trainer put into service. Raises RecommenderError where there is none."""
    registry = Registry(FileStore(folder / "store"))
    current = registry.current()
    if current is None:
        raise RecommenderError("the trainer promoted nothing, so that there is nothing to compare with")
    return registry.load(current.version, folder)


def _setting(url: URL, sklearn: str, arguments: argparse.Namespace) -> str:
    machine = this_machine()
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_bytes / 1e9:.1f} GB, load {machine.load:.1f}; "
        f"{versions}, scikit-learn {sklearn}; server {describe_server(url).version}\n\n"
        f"{arguments.rows:,} purchases, database to promoted model, sides in turn, best of {arguments.repeats}"
    )


def _table(best: dict[str, WholeRun]) -> str:
    ours = best[_TRAINER]
    rows = [
        f"| {name} | {one.seconds:.2f} | {one.seconds / ours.seconds:.2f} | {one.peak_bytes / 1e6:,.0f} | "
        f"{one.peak_bytes / ours.peak_bytes:.2f} |"
        for name, one in best.items()
    ]
    return "\n".join(["| side | seconds | x ours | peak MB | x ours |", "|---|---:|---:|---:|---:|", *rows])


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    run(main)
