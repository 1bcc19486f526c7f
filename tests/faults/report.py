"""What was tried, as a table a kind of store, and each point after which something was not as it must be."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.lane import Tried

_LONGEST_PROBLEM = 500


def progress_line(tried: Tried) -> str:
    """Tell of one point after which something was wrong."""
    told = "\n".join(f"    {' '.join(problem.split())[:_LONGEST_PROBLEM]}" for problem in tried.problems)
    return f"{tried.point.id} ({tried.call}), which ended with {tried.exit_code}:\n{told}"


def table(tried: Sequence[Tried]) -> str:
    """Give points tried and points that failed, by kind of store and by trouble."""
    lines = ["| store | trouble | points | ended with | not as it must be |", "|---|---|---:|---|---:|"]
    groups: dict[tuple[str, str], list[Tried]] = {}
    for one in tried:
        groups.setdefault((one.point.backend, str(one.point.strike.trouble)), []).append(one)
    lines += [f"| {backend} | {trouble} | {_counts(group)} |" for (backend, trouble), group in sorted(groups.items())]
    lines.append(f"| **all** | | {_counts(tried)} |")
    return "\n".join(lines)


def _counts(tried: Iterable[Tried]) -> str:
    several = list(tried)
    ends = Counter(one.exit_code for one in several)
    told = ", ".join(f"{'killed' if code < 0 else code} {count}x" for code, count in sorted(ends.items()))
    return f"{len(several)} | {told} | {sum(bool(one.problems) for one in several)}"
