"""What a run with workers takes, out of the amounts of its work: seconds by rates that were measured, and memory.

`python -m benchmarks.distributed --fit` measures on sizes of its own and prints the rates anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.scaling_run import EVENT_BYTES, KEPT, Amounts, Run
from trainer.distributed.pieces import PIECE_BATCHES
from trainer.planning.estimate import estimate
from trainer.planning.size import ShopSize
from trainer.planning.spilling import disk_bytes, spilled_peak_bytes
from trainer.reading.spooling import BATCH_ROWS

# Seconds, those of `start`, `first_meetings` and `publish_once` at once, of `task` for each, of all others a million.
MEASURED_ON: Final = (
    "fitted to shops of 2, 8, 14 million interactions, 2 workers, on 2 cores of "
    "Intel(R) Xeon(R) Processor, load 2.0, 2026-11-26"
)
RATES: Final[Mapping[str, float]] = {
    "scan": 0.0213,
    "list": 0.0148,
    "add": 0.0115,
    "start": 4.45,
    "evaluate": 0.11,
    "first_meetings": 0,
    "add_here": 0.00736,
    "companions": 0.082,
    "lift": 0.0726,
    "matrix": 0.0244,
    "build": 0.0142,
    "publish_once": 0.288,
    "publish": 0.0432,
    "read": 0.611,
    "code": 0.106,
    "task": 0.00429,
}
# What can be the bottleneck, and which work is whose; all other work is the leading process's.
DATABASE, LEADING, LAYING_OUT, WORKERS = "the database", "the leading process", "laying out blocks", "workers"
LEADING_LINK, WORKER_LINK, ALL_OF_STORE = "the leading process's link", "a worker's link", "the store"
LIMITS: Final = (DATABASE, LEADING, LAYING_OUT, WORKERS, LEADING_LINK, WORKER_LINK, ALL_OF_STORE)
_OF_WORKERS: Final = dict.fromkeys(("add", "list", "task", "first_meetings"), WORKERS)
_LIMIT_OF: Final = {"read": DATABASE, "scan": LAYING_OUT, **_OF_WORKERS}
TRANSFERS: Final = ("here", "link", "store")
_EACH: Final = ("start", "first_meetings", "publish_once", "task")
_MILLION: Final = 1e6
# A worker's process before it has any data; and the rows that it holds of a query before it stages them, first as they
# are cleaned, then coded, then in one piece.
_WORKER_BYTES: Final = 200e6
_PIECE_ROWS: Final = PIECE_BATCHES * BATCH_ROWS
_ROW_BYTES: Final = 24 + 16 + EVENT_BYTES


@dataclass(frozen=True)
class Store:
    """Bytes a second between the store and one process, and all that it gives and takes together."""

    process_bytes: float
    all_bytes: float

    def seconds(self, amounts: Amounts) -> float:
        """Give what transfers take: the leading process's own, then those of workers, all at once."""
        here, link, store = (amounts.get(name, 0.0) for name in TRANSFERS)
        return here / self.process_bytes + max(link / self.process_bytes, store / self.all_bytes)


def unit(rate: str) -> float:
    """Give of how much a rate is."""
    return 1.0 if rate in _EACH else _MILLION


def seconds_of(amounts: Amounts, rates: Mapping[str, float], store: Store) -> float:
    """Sum up each rate times its amount, and what transfers take."""
    work = sum(rates.get(name, 0.0) * amount / unit(name) for name, amount in amounts.items() if name not in TRANSFERS)
    return work + store.seconds(amounts)


def seconds_by_limit(run: Run, store: Store, rates: Mapping[str, float] = RATES) -> dict[str, float]:
    """Give the seconds that each part of the whole has to work: what has most is the first bottleneck."""
    seconds = dict.fromkeys(LIMITS, 0.0)
    for amounts in run.amounts.values():
        of_work = {name: amount for name, amount in amounts.items() if name not in TRANSFERS}
        for name, amount in of_work.items():
            seconds[_LIMIT_OF.get(name, LEADING)] += rates.get(name, 0.0) * amount / unit(name)
        moving = {name: {name: amounts.get(name, 0.0)} for name in TRANSFERS}
        seconds[LEADING_LINK] += store.seconds(moving["here"])
        by_link, by_all = store.seconds(moving["link"]), store.seconds(moving["store"])
        seconds[WORKER_LINK if by_link >= by_all else ALL_OF_STORE] += max(by_link, by_all)
    return seconds


def seconds_by_step(run: Run, store: Store, rates: Mapping[str, float] = RATES) -> dict[str, float]:
    """Give the seconds of each step."""
    return {step: seconds_of(amounts, rates, store) for step, amounts in run.amounts.items()}


def worker_bytes(run: Run) -> float:
    """Give the most that a worker's process holds: rows as they are read, or two blocks as they meet."""
    rows = min(_PIECE_ROWS, run.all.events * run.largest_kind / run.parts)
    return _WORKER_BYTES + max([_ROW_BYTES * rows, *(one.worker_bytes for one in run.handed_out)])


def size_of(run: Run) -> ShopSize:
    """Give a shop's size as plans of memory take it."""
    most = round(run.largest_kind * run.all.events)
    return ShopSize(
        {"most": most, "others": round(run.all.events) - most},
        run.all.users,
        run.all.products,
        run.all.interactions,
        additions=2 * run.all.pairs,
        neighbours=float(KEPT * run.all.products),
    )


def leading_bytes(run: Run) -> float:
    """Give the most that the leading process holds where all its arrays are in memory."""
    by_step = estimate(size_of(run), run.cluster.threads_here, ()).bytes_by_step
    return max(n_bytes for step, n_bytes in by_step.items() if step not in {"choose", "start"})


def leading_bytes_on_disk(run: Run) -> tuple[float, float]:
    """Give what it holds, and what it needs of a disk, where its arrays are there."""
    size = size_of(run)
    return spilled_peak_bytes(size), disk_bytes(size)


def model_bytes(run: Run) -> float:
    """Give the size of the model's file: histories, of 8 bytes an interaction, neighbours, and ids."""
    of_users = 2 * 8 * run.all.users
    return 8 * run.all.interactions + of_users + 8 * (KEPT + 2) * run.all.products
