"""Damage: `python -m tests.faults.damage [--cases N] [--first SEED] [--kinds]`.

Mutated models, manifests, cards and pointers are read as a replica and the monitor read them. Each must be refused in
one line; what is signed anew may also be a legal model, which then has to answer every question. Exits with 1 where one
was let through, or broke the reader, or made it take memory.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.damage_cases import KINDS, Kind
from tests.faults.damage_children import Tried, try_all
from tests.faults.damage_judgement import Verdict
from tests.faults.damage_store import sound_store

_BAD: Final = (Verdict.FAILED, Verdict.CRASHED)
_COLUMNS: Final = (*Verdict,)


@dataclass
class Row:
    """What came of some kinds of damage."""

    name: str
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    largest_megabytes: float = 0.0
    seconds: float = 0.0

    def add(self, tried: Tried) -> None:
        self.verdicts[tried.judged.verdict] += 1
        self.largest_megabytes = max(self.largest_megabytes, tried.resident_megabytes)
        self.seconds += tried.seconds

    def __str__(self) -> str:
        counts = "".join(f"{self.verdicts[verdict]:>9,}" for verdict in _COLUMNS)
        return f"{self.name:<44}{self.verdicts.total():>9,}{counts}{self.largest_megabytes:>9.0f}{self.seconds:>9.1f}"


def main() -> int:
    """Try the cases and print what came of them; give the exit code."""
    arguments = _arguments()
    seeds = range(arguments.first, arguments.first + arguments.cases)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="recommender-damage-") as folder:
        store = sound_store(Path(folder))
        tried = list(try_all(store, seeds, Path(folder)))
    _print_table(tried, by_kind=arguments.kinds)
    failures = [one for one in tried if one.judged.verdict in _BAD]
    for one in failures[: arguments.shown]:
        sys.stdout.write(f"FAILED seed {one.seed} ({_full_name(_kind(one))}): {one.judged.detail}\n")
    sys.stdout.write(f"{len(tried):,} cases, {len(failures)} failures, {time.monotonic() - started:.0f} seconds\n")
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.damage", description="Read what was damaged.")
    parser.add_argument("--cases", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first (default: 0)")
    parser.add_argument("--kinds", action="store_true", help="one row for each kind of damage")
    parser.add_argument("--shown", type=int, default=20, help="how many failures are told (default: 20)")
    return parser.parse_args()


def _print_table(tried: Sequence[Tried], *, by_kind: bool) -> None:
    heads = ("tried", *_COLUMNS, "RSS MB", "seconds")
    sys.stdout.write(f"{'damage':<44}{''.join(f'{head:>9}' for head in heads)}\n")
    names = [_full_name(kind) if by_kind else _group_name(kind) for kind in KINDS]
    rows = {name: Row(name) for name in names}
    total = Row("all")
    for one in tried:
        rows[names[one.seed % len(KINDS)]].add(one)
        total.add(one)
    for row in (*rows.values(), total):
        sys.stdout.write(f"{row}\n")


def _kind(tried: Tried) -> Kind:
    return KINDS[tried.seed % len(KINDS)]


def _group_name(kind: Kind) -> str:
    return f"{kind.target}, {kind.family}"


def _full_name(kind: Kind) -> str:
    return f"{_group_name(kind)}: {kind.name}"


if __name__ == "__main__":
    sys.exit(main())
