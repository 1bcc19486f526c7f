"""Train on a large shop with workers of little memory, and kill workers at work: the model must be the same.

python -m tests.e2e.limited_workers [--millions 30] [--workers 1 2 3] [--limit 512Mi] [--kills 20]
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from tests.e2e.big_shop import BigShop
from tests.e2e.distributed_runs import DistributedRun, ended_run, kill_some, run_with, set_workers
from tests.e2e.pod_memory import pods_watched
from tests.e2e.shop import Shop
from tests.e2e.target import prepared_cluster
from tests.e2e.volumes import hand_made_volumes
from tests.parts.telling import tell

_ALONE: Final = "4Gi"
_LEADING: Final = "1Gi"
# Customers who look at so much that most of a run is work that is handed out, though the shop is not large.
_EVENTS_OF_A_BUSY_USER: Final = 200
_KILLS_A_RUN: Final = 4
_MOST_RUNS: Final = 15
_COLUMNS: Final = (
    *("workers", "seconds", "leading pod: own MB", "with files' pages"),
    *("each worker's process at most, MB", "own MB", "with files' pages", "moved MB", "content", "same"),
)
_INSTALLED: Final = (
    "--set=local.sampleShop.enabled=false,trainer.firstTraining.enabled=false,trainer.suspend=true,monitor.suspend=true",
    "--set=local.mariadb.resources.limits.memory=3Gi,local.minio.resources.limits.memory=2Gi",
    # Each worker that is killed counts, and is made again after a time that doubles.
    "--set=trainer.backoffLimit=100,trainer.tmpSizeLimit=12Gi",
)


@contextmanager
def empty_shop() -> Iterator[Shop]:
    """Have a release on a real cluster for as long as the context lasts, whose database is empty."""
    with prepared_cluster(tell) as cluster:
        shop = Shop(cluster)
        with hand_made_volumes(shop):
            try:
                shop.install(*_INSTALLED)
                for part in ("mariadb", "minio"):
                    shop.kubectl("rollout", "status", f"deployment/{part}", "--timeout=240s")
                yield shop
            finally:
                cluster.kubectl("delete", "namespace", shop.namespace, "--wait=true", "--timeout=120s")


def measure(shop: Shop, big: BigShop, workers: Sequence[int], limit: str) -> bool:
    """Train without workers and with them, print what each run took, and tell whether all made the same."""
    big.put_into(shop)
    tell(f"{big.events:,} events of {big.users:,} users and {big.products:,} products are there")
    alone = _measured(shop, big, 0, _ALONE, limit)
    rows, is_same = [row(alone, alone.content)], True
    for n in workers:
        run = _measured(shop, big, n, _LEADING, limit)
        rows.append(row(run, alone.content))
        tell(rows[-1])
        is_same = is_same and run.content == alone.content
    tell("\n".join([f"\n| {' | '.join(_COLUMNS)} |", f"|{'---:|' * len(_COLUMNS)}", *rows, ""]))
    return is_same


def _measured(shop: Shop, big: BigShop, workers: int, leading: str, limit: str) -> DistributedRun:
    set_workers(shop, workers, leading, limit)
    with pods_watched() as peaks:
        job = run_with(shop, big.until)
        run = ended_run(shop, job, workers, peaks)
    tell(f"{workers} workers: {run.seconds:.0f} s, {run.content}; {run.steps}; restarted: {run.n_restarts}")
    tell_troubles(run)
    return run


def tell_troubles(run: DistributedRun) -> None:
    """Tell what the leading pods warned of."""
    for trouble in run.troubles:
        tell(f"    {trouble}")


def row(run: DistributedRun, expected: str | None) -> str:
    """Give a run as a row of the table."""
    leading, others = run.peaks[0], run.peaks[1:]
    cells = [
        *(f"{run.workers}", f"{run.seconds:.0f}", _megabytes([leading.own]), _megabytes([leading.with_files])),
        *(_megabytes(run.process_peaks), _megabytes([one.own for one in others])),
        *(_megabytes([one.with_files for one in others]), f"{run.moved_bytes / 1e6:,.0f}"),
        *(f"{run.content}", "yes" if run.content and run.content == expected else "**no**"),
    ]
    return f"| {' | '.join(cells)} |"


def _megabytes(sizes: Sequence[int]) -> str:
    return " / ".join(f"{size / 1e6:,.0f}" for size in sizes) or "-"


def survive(shop: Shop, big: BigShop, kills: int, limit: str, seed: int) -> bool:
    """Kill workers at random moments of run after run, print what came of it, and tell whether all made the same."""
    big.put_into(shop)
    alone = _measured(shop, big, 0, _ALONE, limit)
    random, done, runs = Random(seed), 0, list[DistributedRun]()
    while done < kills and len(runs) < _MOST_RUNS:
        workers = 2 + len(runs) % 2
        set_workers(shop, workers, _LEADING, limit)
        job = run_with(shop, big.until)
        killed = kill_some(shop, job, min(_KILLS_A_RUN, kills - done), random, tell)
        runs.append(ended_run(shop, job, workers, None))
        done += killed
        same = "the same" if runs[-1].content == alone.content else "NOT THE SAME"
        tell(
            f"run {len(runs)}, {workers} workers, {killed} killed: {runs[-1].seconds:.0f} s, "
            f"begun {runs[-1].n_begun} times, {runs[-1].content}: {same}"
        )
        tell_troubles(runs[-1])
    n_same = sum(run.content == alone.content for run in runs)
    tell(f"\n{done} workers killed in {len(runs)} runs; {n_same} of them made the model that one pod makes\n")
    return done >= kills and n_same == len(runs)


def main() -> int:
    """Measure, then kill; each only where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", type=float, default=30, help="events of the shop that is measured; 0: none is")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--limit", default="512Mi", help="memory of each worker")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--kill-millions", type=float, default=6, help="events of the shop whose workers are killed")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    results = []
    with empty_shop() as shop:
        if asked.millions:
            big = BigShop(round(asked.millions * 1e6), 30, midnight)
            results.append(measure(shop, big, asked.workers, asked.limit))
        if asked.kills:
            busy = BigShop(round(asked.kill_millions * 1e6), _EVENTS_OF_A_BUSY_USER, midnight)
            results.append(survive(shop, busy, asked.kills, asked.limit, asked.seed))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
