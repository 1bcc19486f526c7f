"""`python -m benchmarks.scaling`: what the cost model makes of shops that nobody here has, and where each gets stuck.

Nothing is measured: shops of a billion and of ten billion interactions, on 10 and on 100 workers, by the rates that
`python -m benchmarks.distributed --fit` found and `--check` checks on small ones.
"""

import argparse
from typing import Final

from benchmarks.growing_shops import shop_of
from benchmarks.markdown import table
from benchmarks.scaling_passes import Cluster, system_tasks
from benchmarks.scaling_rates import (
    MEASURED_ON,
    Store,
    leading_bytes,
    leading_bytes_on_disk,
    model_bytes,
    seconds_by_limit,
    seconds_by_step,
    worker_bytes,
)
from benchmarks.scaling_run import Run
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.process import run
from trainer.planning.quantity import parse_quantity

_MILLIONS: Final = (1_000.0, 10_000.0)
_WORKERS: Final = (10, 100)
_GIGABYTE: Final = 1e9


def main() -> Exit:
    """Print what runs have to do, and how long each part of the whole is at it."""
    arguments = _parser().parse_args()
    store = Store(arguments.link, arguments.store)
    runs = {
        f"{millions / 1000:g} billion, {n} workers": Run.of(shop_of(millions), _cluster(n, arguments))
        for millions in arguments.millions
        for n in arguments.workers
    }
    print(f"{_setting(arguments)}\n\n{_across(runs, {name: _sizes(one) for name, one in runs.items()})}\n")
    hours = {name: {key: s / 3600 for key, s in seconds_by_step(one, store).items()} for name, one in runs.items()}
    print(f"Hours by step:\n\n{_across(runs, {name: _hours(one) for name, one in hours.items()})}\n")
    limits = {name: seconds_by_limit(one, store) for name, one in runs.items()}
    print(f"Hours by what is at work:\n\n{_across(runs, {name: _bottleneck(one) for name, one in limits.items()})}")
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=_MILLIONS, help="millions of interactions")
    parser.add_argument("--workers", type=int, nargs="+", default=_WORKERS, help="numbers of workers")
    parser.add_argument("--memory", default="4Gi", help="a worker's memory (default: 4Gi)")
    parser.add_argument("--threads", type=int, default=2, help="threads of a worker (default: 2)")
    parser.add_argument("--threads-here", type=int, default=4, help="threads of the leading process (default: 4)")
    parser.add_argument("--connections", type=int, default=8, help="DB_CONNECTIONS (default: 8)")
    parser.add_argument("--link", type=float, default=200e6, help="bytes/s between a process and the store")
    parser.add_argument("--store", type=float, default=2e9, help="bytes/s of the store in all")
    return parser


def _cluster(workers: int, arguments: argparse.Namespace) -> Cluster:
    memory = parse_quantity(arguments.memory)
    return Cluster(workers, memory, arguments.threads, arguments.threads_here, arguments.connections)


def _setting(arguments: argparse.Namespace) -> str:
    return (
        f"**Computed, not measured.** Rates {MEASURED_ON}. "
        f"Workers of {arguments.memory} and {arguments.threads} threads, "
        f"{arguments.threads_here} threads in the leading process, {arguments.connections} database connections; "
        f"{arguments.link / 1e6:,.0f} MB/s between a process and the store, {arguments.store / 1e6:,.0f} MB/s of the "
        "store in all."
    )


def _across(runs: dict[str, Run], columns: dict[str, dict[str, str]]) -> str:
    """Give a table with a column for each run."""
    first = next(iter(columns.values()))
    return table(("", *runs), ((name, *(columns[of_run][name] for of_run in runs)) for name in first))


def _sizes(one: Run) -> dict[str, str]:
    on_disk, disk = leading_bytes_on_disk(one)
    kept = max(of_pass.kept_bytes for of_pass in one.handed_out)
    return {
        "users": f"{one.all.users:,.0f}",
        "products": f"{one.all.products:,}",
        "pairs of a user's products, billion": f"{one.all.pairs / 1e9:,.0f}",
        "blocks of each pass": ", ".join(map(str, one.blocks)),
        "tasks": f"{one.tasks:,}",
        "tasks more by local ridge, each a pass": f"{2 * system_tasks(one.all.products):,}",
        "GB staged by workers": _gigabytes(one.staged_by_workers),
        "GB staged by the leading process": _gigabytes(one.staged_here),
        "GB fetched by workers": _gigabytes(one.fetched_by_workers),
        "GB of a worker's memory": _gigabytes(worker_bytes(one)),
        "GB of a worker's disk": _gigabytes(kept),
        "GB of the leading process, in memory": _gigabytes(leading_bytes(one)),
        "or with its arrays on disk": f"{_gigabytes(on_disk)}, and {_gigabytes(disk + model_bytes(one))} of disk",
        "GB of the model's file": _gigabytes(model_bytes(one)),
    }


def _hours(hours: dict[str, float]) -> dict[str, str]:
    return {**{name: f"{value:.2f}" for name, value in hours.items()}, "**in all**": f"**{sum(hours.values()):.2f}**"}


def _bottleneck(seconds: dict[str, float]) -> dict[str, str]:
    most = max(seconds.values())
    return {name: f"**{one / 3600:.2f}**" if one == most else f"{one / 3600:.2f}" for name, one in seconds.items()}


def _gigabytes(n_bytes: float) -> str:
    return f"{n_bytes / _GIGABYTE:,.1f}"


if __name__ == "__main__":
    run(main)
