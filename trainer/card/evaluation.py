"""The holdout's tables: each metric of each side, and what the candidate differs by."""

from dataclasses import dataclass
from typing import Any, Final

from plots.lookup import number_at, text_at
from plots.metric_names import METRIC_NAMES, METRICS
from plots.wording import count, difference, metric, moment_of, percent, spoken

SIDES: Final = ("candidate", "champion", "popularity", "buy_again")
_CUTS: Final = {
    "champion": "There the champion's own data ends, so that neither side had seen what came later.",
    "window": "Both sides are made of the events before it.",
}


@dataclass(frozen=True)
class Cell:
    """A number, its interval as text, and what the interval means, in one word."""

    value: str
    interval: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Row:
    """A metric's name and its cells."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class EvaluationTables:
    """The sides next to each other, then the paired differences to each of the candidate's rivals.

    `introduction` are the sentences that say on what it was tried.
    """

    introduction: tuple[str, ...]
    sides: tuple[str, ...]
    rows: tuple[Row, ...]
    rivals: tuple[str, ...]
    differences: tuple[Row, ...]


def evaluation_tables(holdout: dict[str, Any] | None) -> EvaluationTables | None:
    """Lay out a holdout; None where there is none. A side that was not tried has no column."""
    if holdout is None:
        return None
    sides = tuple(side for side in SIDES if holdout.get(side))
    rivals = tuple(side for side in SIDES[1:] if holdout.get(f"against_{side}"))
    rows = tuple(Row(METRIC_NAMES[name], tuple(_side(holdout, side, name) for side in sides)) for name in METRICS)
    differences = tuple(
        Row(METRIC_NAMES[name], tuple(difference_cell(holdout, f"against_{rival}", name) for rival in rivals))
        for name in METRICS
    )
    rows += _of_all_lists(holdout, sides)
    named, against = (tuple(spoken(side) for side in some) for some in (sides, rivals))
    return EvaluationTables(_introduction(holdout), named, rows, against, differences)


def _of_all_lists(holdout: dict[str, Any], sides: tuple[str, ...]) -> tuple[Row, ...]:
    """Give the two figures that no single user has, and so no interval."""
    return (
        Row("Coverage", tuple(Cell(percent(number_at(holdout, side, "coverage"))) for side in sides)),
        Row("Concentration", tuple(Cell(metric(number_at(holdout, side, "concentration"))) for side in sides)),
    )


def _side(holdout: dict[str, Any], side: str, name: str) -> Cell:
    mean, low, high = (number_at(holdout, side, name, part) for part in ("mean", "low", "high"))
    return Cell(metric(mean), "" if low is None or high is None else f"{metric(low)} to {metric(high)}")


def difference_cell(found: object, *names: str) -> Cell:
    """Lay out the difference below these names, and say in a word what its interval means."""
    mean, low, high = (number_at(found, *names, part) for part in ("mean", "low", "high"))
    if low is None or high is None:
        return Cell(difference(mean))
    return Cell(difference(mean), f"{difference(low)} to {difference(high)}", _meaning(low, high))


def _meaning(low: float, high: float) -> str:
    if low == high == 0:
        return "the same"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no clear difference"


def _introduction(holdout: dict[str, Any]) -> tuple[str, ...]:
    cut = moment_of(text_at(holdout, "cut"))
    n_users, k = (count(number_at(holdout, name)) for name in ("n_users", "k"))
    note = text_at(holdout, "champion_note")
    asked = f"What {n_users} users took up after {cut}, which the recipe had not seen"
    return (
        f"{asked}, against the {k} products that each side would have listed for them.",
        _CUTS.get(text_at(holdout, "cut_by"), ""),
        _kinds(holdout.get("kinds")),
        _users(holdout),
        _repeats(holdout),
        f"Champion: {note}." if note else "",
    )


def _kinds(kinds: object) -> str:
    """Tell where not all that users did counts."""
    return f"Only {' and '.join(map(str, kinds))} events count." if isinstance(kinds, list) and kinds else ""


def _repeats(holdout: dict[str, Any]) -> str:
    """Tell how much users came back for, and whether that counts."""
    share = number_at(holdout, "repeat_share")
    if share is None:
        return ""
    counted = "which counts" if holdout.get("buy_again") else "which does not count here"
    return f"Of all that users took up, {percent(share)} was what they had had before, {counted}."


def _users(holdout: dict[str, Any]) -> str:
    """Tell who is not among the users."""
    names = ("n_users", "n_sampled_from", "n_left_out", "n_new_users")
    n_users, sampled_from, left_out, new = (int(number_at(holdout, name) or 0) for name in names)
    told = [f"they were drawn from {sampled_from:,}"] if sampled_from > n_users else []
    told += [f"{left_out:,} who took up nothing new are left out"] if left_out else []
    told += [f"{new:,} whom the recipe did not know yet got popular products"] if new else []
    return f"Of the users: {'; '.join(told)}." if told else ""
