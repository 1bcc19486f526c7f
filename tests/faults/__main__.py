"""`python -m tests.faults`: kill and fail the trainer at its calls, and tell how many were tried and what failed.

By default a sample over all kinds of stores; `--all` is every point, `--only` some by their ids.
"""

import sys
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

from runtime.arguments import ArgumentParser
from runtime.errors import BadSettingsError, Exit
from runtime.process import run
from tests.faults.lane import Tried
from tests.faults.points import Point, sampled
from tests.faults.report import progress_line, table
from tests.faults.stores import STORES, Surroundings, surroundings_in
from tests.faults.trying import all_points, try_all
from tests.parts.missing import PartMissingError
from tests.parts.telling import tell

_POINTS = 200
_LANES = 2


def main() -> Exit:
    """Try what the arguments ask for; the exit code tells whether everything was as it must be."""
    arguments, started, tried = _parser().parse_args(), time.monotonic(), list[Tried]()
    only = [Point.parse(text) for text in arguments.only]
    names = list(dict.fromkeys(point.backend for point in only)) or arguments.store or list(STORES)
    with (
        tempfile.TemporaryDirectory(prefix="recommender-faults-", ignore_cleanup_errors=True) as folder,
        surroundings_in(Path(folder), arguments.lanes) as surroundings,
    ):
        for name in names:
            tried += _try_store(name, surroundings, arguments, [point for point in only if point.backend == name])
    tell(table(tried))
    failed = [one for one in tried if one.problems]
    tell(f"{len(tried)} points, {len(failed)} with something not as it must be, {time.monotonic() - started:.0f} s")
    return Exit.FAILED if failed or not tried else Exit.DONE


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.faults", description="Kill and fail the trainer at every call.")
    parser.add_argument("--store", action="append", choices=list(STORES), help="one kind of store (default: all)")
    parser.add_argument("--points", type=int, default=_POINTS, help=f"points of each store (default: {_POINTS})")
    parser.add_argument("--all", action="store_true", help="every point there is")
    parser.add_argument("--seed", type=int, default=20250105, help="of the sample")
    parser.add_argument("--lanes", type=int, default=_LANES, help=f"tried at once (default: {_LANES})")
    parser.add_argument("--only", nargs="+", default=[], metavar="POINT", help="such as files:champion:system:17:lost")
    return parser


def _try_store(name: str, surroundings: Surroundings, arguments: Namespace, only: list[Point]) -> list[Tried]:
    if name not in STORES:
        raise BadSettingsError(f"{name!r} is no store", hint=f"The stores are {', '.join(STORES)}")
    with ExitStack() as stack:
        try:
            open_lane = stack.enter_context(STORES[name](surroundings))
        except PartMissingError as missing:
            tell(f"{name}: nothing was tried: {missing}")
            return []
        first = stack.enter_context(open_lane(0))
        points = only or _chosen(all_points(first), arguments, name)
        others = [stack.enter_context(open_lane(number)) for number in range(1, min(arguments.lanes, len(points)))]
        return try_all(points, [first, *others], _tell_if_bad)


def _chosen(points: list[Point], arguments: Namespace, name: str) -> list[Point]:
    calls = len({(point.scene, point.boundary, point.strike.number) for point in points})
    chosen = points if arguments.all else sampled(points, arguments.points, arguments.seed)
    tell(f"{name}: {calls} calls were recorded, which make {len(points)} points; {len(chosen)} of them are tried")
    return chosen


def _tell_if_bad(one: Tried) -> None:
    if one.problems:
        tell(progress_line(one))


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    run(main)
