"""`python -m benchmarks.recipe_costs`: what each recipe takes next to cosine, on 40,000 products.

Each finds the neighbours once in a process of its own, on two threads; the fastest of its runs counts.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import scipy.sparse as sp

from benchmarks.kernel_shapes import Shape
from benchmarks.machine import this_machine
from benchmarks.markdown import table
from benchmarks.measuring import measure_python
from runtime.errors import Exit
from runtime.process import run
from trainer.similarity.recipe_names import RECIPE_NAMES

_SHAPE: Final = Shape(90_000, 40_000, 2_080_000, 0.8)
_ROWS: Final = 2_000


def main() -> Exit:
    """Measure, and print the table."""
    arguments = _parser().parse_args()
    machine, user_items = this_machine(), _SHAPE.matrix()
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}; best of {arguments.repeats}")
    print(f"{user_items.shape[0]:,} users, {user_items.shape[1]:,} products, {user_items.nnz:,} interactions,")
    print(f"{_co_occurring(user_items):,} pairs of products that share a user\n")
    with tempfile.TemporaryDirectory(prefix="recommender-recipes-") as folder:
        path = Path(folder) / "user_items.npz"
        sp.save_npz(path, user_items, compressed=False)
        costs = {name: _cost(name, path, arguments.repeats) for name in RECIPE_NAMES}
    rows = [
        (name, f"{seconds:.2f}", f"{seconds / costs['cosine'][0]:.1f}", f"{extra_bytes / 1e6:,.0f}")
        for name, (seconds, extra_bytes) in costs.items()
    ]
    print(table(("recipe", "seconds", "x cosine", "MB above the input"), rows))
    return Exit.DONE


def _co_occurring(user_items: sp.csr_matrix) -> int:
    """Count unordered pairs, some rows at a time."""
    known = user_items.copy()
    known.data = np.ones_like(known.data)
    by_item = known.T.tocsr()
    counts = [(by_item[first : first + _ROWS] @ known).nnz for first in range(0, by_item.shape[0], _ROWS)]
    n_items = np.count_nonzero(np.diff(by_item.indptr))
    return int(sum(counts) - n_items) // 2


def _cost(name: str, path: Path, repeats: int) -> tuple[float, int]:
    arguments = ["-W", "ignore", "-m", "benchmarks.quality_sides", name, str(path), str(path.with_name("found.npz"))]
    runs = [json.loads(measure_python(arguments, path.parent, os.environ).output) for _ in range(repeats)]
    fastest = min(runs, key=lambda one: float(one["seconds"]))
    return fastest["seconds"], fastest["extra_bytes"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipe_costs", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each recipe, of which the fastest counts")
    return parser


if __name__ == "__main__":
    run(main)
