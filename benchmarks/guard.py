"""`python -m benchmarks.guard`: what users who have every product cost, and do to neighbours, with a guard and without.

Bots are added to shape A of benchmarks.kernel; the guard is a run's (MAX_USER_PRODUCTS, trainer.similarity.guard).
Overlap is the share of each item's 100 best neighbours that are the same as without bots, on average.
"""

import argparse
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np
import scipy.sparse as sp

from benchmarks.kernel_shapes import SHAPES
from benchmarks.kernel_sides import MIN_CO_OCCURRENCE, K
from benchmarks.machine import this_machine
from benchmarks.markdown import table
from model.neighbours import Neighbours
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from trainer.settings import TrainerSettings
from trainer.similarity.guard import guarded
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

_BOTS: Final = (0, 1, 10, 100)
_THREADS: Final = 2


@dataclass(frozen=True)
class Found:
    """Neighbours, and the best seconds that they took."""

    neighbours: Neighbours
    seconds: float


def main() -> Exit:
    """Measure, and print the table."""
    arguments = _parser().parse_args()
    user_items, most = SHAPES["A"](), TrainerSettings.model_fields["max_user_products"].default
    machine = this_machine()
    print(f"{machine.cores} cores of {machine.cpu}, load {machine.load:.1f}; best of {arguments.repeats}\n")
    clean = _found(user_items, arguments.repeats).neighbours
    header = ("bots", "seconds", f"with a guard of {most:,}", "neighbours kept", "with it")
    print(table(header, [_row(user_items, bots, most, clean, arguments.repeats) for bots in _BOTS]))
    return Exit.DONE


def _row(user_items: sp.csr_matrix, bots: int, most: int, clean: Neighbours, repeats: int) -> tuple[str, ...]:
    visited = sp.csr_matrix(np.ones((bots, user_items.shape[1]), np.float32))
    with_bots = sp.csr_matrix(sp.vstack([user_items, visited]))
    free, held = _found(with_bots, repeats), _found(guarded(with_bots, most), repeats)
    kept = (f"{_overlap(one.neighbours, clean):.1%}" for one in (free, held))
    return (f"{bots}", f"{free.seconds:.2f}", f"{held.seconds:.2f}", *kept)


def _found(user_items: sp.csr_matrix, repeats: int) -> Found:
    seconds = []
    for _ in range(repeats):
        started = perf_counter()
        neighbours = neighbours_by(COSINE, user_items, Limits(MIN_CO_OCCURRENCE, K), threads=_THREADS)
        seconds.append(perf_counter() - started)
    return Found(neighbours, min(seconds))


def _overlap(found: Neighbours, clean: Neighbours) -> float:
    able = np.flatnonzero(np.diff(clean.indptr)).tolist()
    shares = [np.isin(clean.row(item)[0], found.row(item)[0]).mean() for item in able]
    return float(np.mean(shares))


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="how often each is done, of which the best counts")
    return parser


if __name__ == "__main__":
    run(main)
