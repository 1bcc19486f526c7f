"""The figures of a run as Markdown, for a person, and as JSON, for a machine."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from benchmarks.extraction_comparison import Comparison
from benchmarks.extraction_table import extraction_table
from benchmarks.machine import Machine, describe_machine
from benchmarks.markdown import megabytes, table
from benchmarks.shop_database import Server
from benchmarks.training import EVENT_BYTES, EVENT_BYTES_WITH_TIME, SampleShopRuns, ShopRuns

_WANTED_RATIO: Final = 5
_LARGEST_IMPORTS: Final = 10


@dataclass(frozen=True)
class Report:
    """All that one run measured; `load_seconds` is null where the database held the shop already."""

    machine: Machine
    server: Server
    rows: dict[str, int]
    load_seconds: float | None
    extraction: Comparison
    shop: ShopRuns
    sample_shop: SampleShopRuns


def as_json(report: Report) -> str:
    """Give every figure, in seconds and bytes."""
    return json.dumps(asdict(report), indent=1)


def as_markdown(report: Report) -> str:
    """Give the figures as tables, with what they are to reach beside them."""
    parts = [
        _setting(report),
        extraction_table(report.extraction, _WANTED_RATIO),
        _shop(report),
        _sample_shop(report.sample_shop),
    ]
    return "\n\n".join(parts)


def _setting(report: Report) -> str:
    machine, server, rows = report.machine, report.server, report.rows
    loaded = "was there already" if report.load_seconds is None else f"loaded in {report.load_seconds:.1f} s"
    lines = [
        describe_machine(machine, server.version),
        f"- {rows['order_items']:,} purchases in {rows['orders']:,} orders, {rows['users']:,} users: {loaded}",
        f"- tables {megabytes(server.tables_bytes)} MB, buffer pool {megabytes(server.buffer_pool_bytes)} MB",
    ]
    return "## Complete Journey\n\n" + "\n".join(lines)


def _shop(report: Report) -> str:
    runs, best, sample = report.shop, report.shop.best, report.sample_shop
    events = sum(best.events.values())
    memory = [
        (f"largest peak of the process in {len(runs.seconds)} runs", megabytes(max(runs.peaks_bytes)), ""),
        ("smallest on the sample shop: interpreter, imports, compiled code", megabytes(min(sample.peaks_bytes)), ""),
        ("**data at the peak**", megabytes(runs.data_bytes), ""),
        (
            "events as user_idx, item_idx, weight",
            megabytes(events * EVENT_BYTES),
            f"**{runs.ratio:.2f}** (at most 3 wanted)",
        ),
        ("events with the time too", megabytes(events * EVENT_BYTES_WITH_TIME), f"{runs.ratio_with_time:.2f}"),
    ]
    return (
        f"### `python -m trainer` on it, best of {len(runs.seconds)} warm runs (the first took "
        f"{runs.first_seconds:.1f} s)\n\n{table(('step', 'seconds'), _step_rows(best.seconds_by_step))}\n"
        f"| Python's start, imports, end | {best.seconds_outside_steps:.2f} |\n| **whole process** | "
        f"**{best.seconds:.2f}** |\n\n{table(('memory', 'MB', 'data at the peak is so many times that'), memory)}"
    )


def _sample_shop(runs: SampleShopRuns) -> str:
    best = runs.best
    imports = list(runs.import_seconds.items())
    largest, rest = imports[:_LARGEST_IMPORTS], sum(seconds for _, seconds in imports[_LARGEST_IMPORTS:])
    rows = [(name, f"{seconds:.3f}") for name, seconds in [*largest, ("all others", rest)]]
    return (
        f"### `python -m trainer` on the sample shop (SQLite), best of {len(runs.seconds)} warm runs\n\n"
        f"{table(('step', 'seconds'), _step_rows(best.seconds_by_step))}\n"
        f"| Python's start, imports, end | {best.seconds_outside_steps:.2f} |\n| **whole process** | "
        f"**{best.seconds:.2f}** (at most 3.2 wanted, 1.5 aimed at) |\n\n"
        f"Python itself starts and ends in {runs.bare_python_seconds:.2f} s. Imports, those within steps included, by "
        f"`-X importtime`, which adds to them:\n\n{table(('imports', 'seconds'), rows)}"
    )


def _step_rows(seconds_by_step: dict[str, float]) -> list[tuple[str, ...]]:
    return [(step, f"{seconds:.2f}") for step, seconds in seconds_by_step.items()]
