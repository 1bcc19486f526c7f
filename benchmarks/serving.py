"""What the API serves next to what its server allows: `python -m benchmarks.serving`, as Markdown tables.

The peer is an application that gives the bytes of one answer to whatever is asked, on uvicorn configured as ours is:
what the server takes by itself. All servers share one core, of which only one has work at a time; the load comes from
another. Sides take turns, and the best of each counts.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.markdown import megabytes, table
from benchmarks.serving_load import Asked, highest_rate, p99_at
from benchmarks.serving_shops import published_shop
from benchmarks.serving_sides import Server, bare, ours

_PRODUCTS: Final = 20_000
_USERS: Final = 20_000
_MANY_PRODUCTS: Final = 200_000
_SIMILAR: Final = Asked("similar, k=10", "/api/products/%d/similar?k=10", _PRODUCTS)
_PERSONAL: Final = Asked("user, history of 50", "/api/users/%d/recommendations", _USERS)
_LOGS: Final = ("none", "all")
_WORKERS: Final = (1, 2, 3)


@dataclass
class Figures:
    """The best of a side's turns: answers a second, and the 99th percentile of the time to answer at half of that.

    `bare_p99_seconds` is the peer's at the same rate.
    """

    rate: float = 0.0
    p99_seconds: float = float("inf")
    bare_p99_seconds: float = float("inf")


def main() -> None:
    """Print the tables."""
    asked = _arguments()
    first, second, *_ = sorted(os.sched_getaffinity(0)) * 2
    os.sched_setaffinity(0, {second})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{_PRODUCTS:,} products and {_USERS:,} users, whose histories have 50 products each.\n")
        print(_rates(folder, first, asked.repeats, asked.seconds), end="\n\n")
        print(_memory(folder, first, asked.seconds), end="\n\n")
        print(_of_workers(folder, first))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="turns of each side (3)")
    parser.add_argument("--seconds", type=float, default=4, help="length of a turn (4)")
    return parser.parse_args()


def _rates(folder: Path, core: int, repeats: int, seconds: float) -> str:
    store = published_shop(folder / "shop", _PRODUCTS, _USERS)
    rows = []
    for asked in (_SIMILAR, _PERSONAL):
        with _sides(folder, store, core, asked) as sides:
            rows += _rows(asked, _measured(sides, asked, repeats, seconds))
    header = ("asked", "side", "answers a second", "of bare", "p99 at half of that, ms", "bare's at that rate", "x")
    return table(header, rows)


@contextmanager
def _sides(folder: Path, store: Path, core: int, asked: Asked) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        sides = {f"ours, access log {log}": stack.enter_context(ours(folder, store, core, log)) for log in _LOGS}
        answer = next(iter(sides.values())).answer_to(asked.path(1))
        yield {"bare": stack.enter_context(bare(folder, core, answer)), **sides}


def _measured(sides: Mapping[str, Server], asked: Asked, repeats: int, seconds: float) -> dict[str, Figures]:
    found = {name: Figures() for name in sides}
    for _ in range(repeats):
        for name, server in sides.items():
            found[name].rate = max(found[name].rate, highest_rate(server.port, asked, seconds))
    for _ in range(repeats):
        for name, server in sides.items():
            one, rate = found[name], found[name].rate / 2
            one.p99_seconds = min(one.p99_seconds, p99_at(rate, server.port, asked, seconds))
            one.bare_p99_seconds = min(one.bare_p99_seconds, p99_at(rate, sides["bare"].port, asked, seconds))
    return found


def _rows(asked: Asked, found: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    peer = found["bare"]
    return [
        (
            asked.name,
            side,
            f"{one.rate:,.0f}",
            f"{one.rate / peer.rate:.2f}",
            f"{one.p99_seconds * 1000:.2f}",
            f"{one.bare_p99_seconds * 1000:.2f}",
            f"{one.p99_seconds / one.bare_p99_seconds:.1f}",
        )
        for side, one in found.items()
    ]


def _memory(folder: Path, core: int, seconds: float) -> str:
    store = published_shop(folder / "large shop", _MANY_PRODUCTS, _USERS)
    rows = []
    with ours(folder, store, core, "none") as server:
        for when, asked in (("at first", None), ("after lists", _SIMILAR), ("and personal ones", _PERSONAL)):
            if asked is not None:
                highest_rate(server.port, Asked(asked.name, asked.pattern, asked.n * 10), seconds)
            model_bytes, other_bytes = server.memory()
            rows.append((when, megabytes(model_bytes), megabytes(other_bytes)))
    return table((f"{_MANY_PRODUCTS:,} products", "mapped model, MB", "the worker's own, MB"), rows)


def _of_workers(folder: Path, core: int) -> str:
    """Give what several workers of a pod take together, and how much more that is than with one less."""
    rows, before = [], 0
    for n_workers in _WORKERS:
        with ours(folder, folder / "large shop", core, "none", n_workers) as server:
            model_bytes, other_bytes = server.memory()
        more = megabytes(model_bytes + other_bytes - before) if before else ""
        rows.append((str(n_workers), megabytes(model_bytes), megabytes(other_bytes), more))
        before = model_bytes + other_bytes
    return table(("workers", "mapped model, MB", "all else, MB", "more than before, MB"), rows)


if __name__ == "__main__":
    main()
