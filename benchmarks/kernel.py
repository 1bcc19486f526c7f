"""`python -m benchmarks.kernel`: the similarity kernel next to implicit, sparse_dot_topn and SciPy.

All look for the 100 best neighbours of each item by cosine, on two threads (SciPy on one), side after side in turn; the
best run of each counts. Ours leaves out pairs of fewer than 5 users as well, which the others cannot.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.kernel_shapes import SHAPES, read, written
from benchmarks.kernel_sides import SIDES
from benchmarks.machine import this_machine
from benchmarks.measuring import measure_python
from runtime.errors import Exit
from runtime.process import run

# SciPy makes every pair there is, on one thread: minutes and more on the others.
_SHAPES_FOR_SCIPY: Final = ("A", "clustered A")
_MEBIBYTE: Final = 2**20


@dataclass(frozen=True)
class Side:
    """The best of a side's runs."""

    name: str
    seconds: float
    extra_bytes: int


def main() -> Exit:
    """Measure, and print the table."""
    arguments = _parser().parse_args()
    peers = ", ".join(f"{name} {version(name)}" for name in ("implicit", "sparse_dot_topn", "scipy"))
    machine = this_machine()
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}; {peers}; best of {arguments.repeats}\n")
    print("| shape | users x items | interactions | side | seconds | x ours | MB above the input |\n|" + "---|" * 7)
    with tempfile.TemporaryDirectory(prefix="recommender-kernel-") as folder:
        for name in arguments.shapes:
            _print(name, written(name, Path(folder)), arguments.repeats)
    return Exit.DONE


def _print(name: str, matrix: Path, repeats: int) -> None:
    size = read(matrix)
    sides = [side for side in SIDES if side != "scipy" or name in _SHAPES_FOR_SCIPY]
    best = _best(sides, matrix, repeats)
    for side in best:
        told = f"{side.seconds:.2f} | {side.seconds / best[0].seconds:.1f} | {side.extra_bytes / _MEBIBYTE:,.0f}"
        print(f"| {name} | {size.shape[0]:,} x {size.shape[1]:,} | {size.nnz:,} | {side.name} | {told} |", flush=True)


def _best(sides: Sequence[str], matrix: Path, repeats: int) -> list[Side]:
    runs = [[_run(side, matrix) for side in sides] for _ in range(repeats)]
    return [min(of_side, key=lambda one: one.seconds) for of_side in zip(*runs, strict=True)]


def _run(side: str, matrix: Path) -> Side:
    # implicit warns where OpenBLAS may start threads of its own.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    arguments = ["-W", "ignore", "-m", "benchmarks.kernel_sides", side, str(matrix)]
    return Side(side, **json.loads(measure_python(arguments, matrix.parent, environment).output))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernel", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="how often each side runs, of which the best counts")
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES), help="which (default: all)")
    return parser


if __name__ == "__main__":
    run(main)
