"""`python -m benchmarks.limit`: the similarity kernel next to what this machine can do at best.

The machine's limits are measured in this process, before and after the kernel, on as many threads; the better counts.
The least seconds that a shape can take are those of the nearer limit, and the share is the least by the measured ones.
"""

import argparse
import sys
from dataclasses import astuple
from time import perf_counter
from typing import Final

import scipy.sparse as sp

from benchmarks.kernel_shapes import SHAPES
from benchmarks.kernel_sides import MIN_CO_OCCURRENCE, K
from benchmarks.kernel_work import Work
from benchmarks.machine import this_machine
from benchmarks.machine_limits import MachineLimits, largest_cache_bytes, machine_limits
from model.neighbours import Neighbours
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

_THREADS: Final = 2
_COLUMNS: Final = (
    *("interactions", "additions", "memory MB", "lists MB"),
    *("least s by memory", "least s by additions", "lists s at memory's speed", "measured s", "share"),
)
_DEFINITIONS: Final = """
- additions: a user with p items that can have a neighbour adds to p (p - 1) / 2 pairs, each a count and a product.
- memory: what must come from memory and go there: user_items read once, the neighbours written once.
- lists: what this kernel reads to add up: each user's list, 8 bytes an item, once for each of its items up to where
  that stands, 8 bytes an addition. A cache may hold it or not, so that it is no limit; the column says what it would
  take if memory had to give it all.
- least: the seconds of memory at copy's or triad's speed, or of additions at their fastest here (a table in the first
  level of the cache and lists in the second), whichever are more. Finding and keeping the best 100 is not in it, nor
  is putting user_items in order, so that no kernel of this kind gets to 100 %.
- share: least by measured."""


def main() -> Exit:
    """Measure, and print the tables and what their words mean."""
    arguments = _parser().parse_args()
    before = machine_limits(_THREADS)
    _neighbours(sp.csr_matrix(sp.random(300, 200, 0.1, dtype="float32", random_state=0)))
    done = {name: _done(name, arguments.repeats) for name in arguments.shapes}
    limits = before.or_better(machine_limits(_THREADS))
    print(f"{_setting()}; best of {arguments.repeats}\n\n{_told(limits)}\n")
    print(f"| shape | {' | '.join(_COLUMNS)} |\n|---|{'---:|' * len(_COLUMNS)}")
    for name, (work, seconds) in done.items():
        print(f"| {name} | {_row(work, seconds, limits)} |")
    print(_DEFINITIONS)
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.limit", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="how often the kernel runs, of which the best counts")
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES), help="which (default: all)")
    return parser


def _done(name: str, repeats: int) -> tuple[Work, float]:
    """Give what there was to do for a shape, and the least seconds in which it was done."""
    sys.stderr.write(f"{name}\n")
    user_items = SHAPES[name]()
    runs = [_timed(user_items) for _ in range(repeats)]
    return Work.of(user_items, runs[0][1], MIN_CO_OCCURRENCE), min(seconds for seconds, _ in runs)


def _row(work: Work, seconds: float, limits: MachineLimits) -> str:
    cells = (
        *(f"{count:,}" for count in (work.interactions, work.additions)),
        *(f"{size / 1e6:,.0f}" for size in (work.memory_bytes, work.list_bytes)),
        *(f"{work.seconds_of_memory(limits):.3f}", f"{work.seconds_of_additions(limits):.3f}"),
        *(f"{work.list_bytes / limits.memory_bytes:.3f}", f"{seconds:.3f}"),
        f"{work.least_seconds(limits) / seconds:.0%}",
    )
    return " | ".join(cells)


def _timed(user_items: sp.csr_matrix) -> tuple[float, Neighbours]:
    started = perf_counter()
    neighbours = _neighbours(user_items)
    return perf_counter() - started, neighbours


def _neighbours(user_items: sp.csr_matrix) -> Neighbours:
    return neighbours_by(COSINE, user_items, Limits(MIN_CO_OCCURRENCE, K), threads=_THREADS)


def _setting() -> str:
    machine = this_machine()
    versions = ", ".join(f"{name} {machine.versions[name]}" for name in ("numpy", "numba"))
    cache = f"{largest_cache_bytes() / 2**20:.0f} MiB"
    return (
        f"{machine.cores} cores of {machine.cpu}, largest cache {cache}, {machine.memory_bytes / 1e9:.1f} GB, load "
        f"{machine.load:.1f}; {versions}; {_THREADS} threads"
    )


def _told(limits: MachineLimits) -> str:
    names = (
        *("copy, GB/s", "triad, GB/s"),
        "additions, table in the first level of the cache, lists in the second, G/s",
        "additions, table and lists in the second level, G/s",
        "additions, table in the second level, lists streamed from memory, G/s",
    )
    rows = [f"| {name} | {rate / 1e9:.2f} |" for name, rate in zip(names, astuple(limits), strict=True)]
    return "\n".join(["| the machine | at best |", "|---|---:|", *rows])


if __name__ == "__main__":
    run(main)
