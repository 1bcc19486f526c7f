"""The plan as a person reads it."""

from typing import Final

from trainer.planning.estimate import PRECISION, Estimate
from trainer.planning.fit import Fit
from trainer.planning.plan import Plan

_RULE: Final = "=" * 70
_VALUE: Final = "trainer.resources.limits.memory"
_SHOWN_SECONDS: Final = 0.05
# What workers save it, and what Dask takes there, is less than an estimate may be wrong (docs/scaling.md).
OF_LEADING_PROCESS: Final = "in the process that leads, counted as without workers"


def plan_page(plan: Plan) -> str:
    """Render a plan."""
    header = f"{_RULE}\nPLAN OF THE NEXT RUN: {_title(plan)}\n{_RULE}"
    return "\n\n".join([header, _aligned(_lines(plan)), _steps(plan.expected)]) + "\n"


def megabytes(n_bytes: float) -> str:
    """Write an amount of memory."""
    return f"{n_bytes / 1e6:,.0f} MB"


def _title(plan: Plan) -> str:
    if plan.limit is None:
        return f"about {megabytes(plan.expected.peak_bytes)}, {_duration(plan.expected.seconds)}"
    return plan.fit.upper()


def _lines(plan: Plan) -> list[tuple[str, str]]:
    size, expected = plan.size, plan.expected
    low, high = expected.peak_bytes / PRECISION, expected.peak_bytes * PRECISION
    soonest, latest = expected.seconds / PRECISION, expected.seconds * PRECISION
    whose = f" {OF_LEADING_PROCESS}" if plan.has_workers else ""
    return [
        ("Database", plan.database),
        ("Events", f"{size.n_events:,} ({', '.join(f'{count:,} {kind}' for kind, count in size.events.items())})"),
        ("Users x products", f"{size.users:,.0f} x {size.products:,.0f}, {size.interactions:,.0f} pairs with events"),
        ("Memory", f"about {megabytes(expected.peak_bytes)} ({megabytes(low)} to {megabytes(high)}){whose}"),
        *_on_disk(plan),
        ("Time", f"about {_duration(expected.seconds)} ({_duration(soonest)} to {_duration(latest)})"),
        ("Seconds are from", expected.basis),
        ("Limit to set", f"{plan.limit_to_set} ({_VALUE} in values.yaml)"),
        ("Limit there is", _limit(plan)),
    ]


def _on_disk(plan: Plan) -> list[tuple[str, str]]:
    """Say what the run would take with its arrays on disk, where that is less memory."""
    if plan.spilled_peak_bytes >= plan.expected.peak_bytes:
        return []
    choice = "as it will be run" if plan.fit is Fit.SPILLS else "where there is less memory"
    told = f"about {megabytes(plan.spilled_peak_bytes)} of memory and {megabytes(plan.disk_bytes)} of disk"
    return [("Arrays on disk", f"{told}, {choice}")]


def _limit(plan: Plan) -> str:
    if plan.limit is None:
        return "none is known here"
    remark = {Fit.FITS: "", Fit.SPILLS: f"; {plan.limit_to_set} would hold them"}.get(
        plan.fit, f": set at least {plan.limit_to_set}"
    )
    return f"{megabytes(plan.limit.n_bytes)} by {plan.limit.source}, the run {plan.fit}{remark}"


def _steps(expected: Estimate) -> str:
    rows = [
        (step, f"{seconds:.1f}", megabytes(expected.bytes_by_step[step]) if step in expected.bytes_by_step else "")
        for step, seconds in expected.seconds_by_step.items()
        if step in expected.bytes_by_step or seconds >= _SHOWN_SECONDS
    ]
    table = [("STEP", "SECONDS", "MEMORY"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2])]).rstrip() for row in table
    )


def _duration(seconds: float) -> str:
    minute = 60
    return f"{seconds:.1f} s" if seconds < 2 * minute else f"{seconds / minute:.0f} min"


def _aligned(lines: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in lines)
