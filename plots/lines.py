"""Lines over versions: one dot a version, with the interval around it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

import pygal

from plots.drawing import Caption, drawn, options
from plots.plot import Key, Plot
from plots.scale import Scale
from plots.versions import Version
from plots.wording import moment

_LABELS: Final = 4
_ROOM: Final = 0.4

Values = list[float | None]


@dataclass(frozen=True)
class Measure:
    """What the upright axis measures, how a value and a tick are written, and how long the axis is."""

    unit: str
    word: Callable[[float | None], str]
    tick: Callable[[Scale, float], str]
    scale: Callable[[Sequence[float]], Scale]


@dataclass(frozen=True)
class Line:
    """A line over versions; `low` and `high` are the ends of its intervals, if it has any."""

    key: Key
    values: Values
    low: Values | None = None
    high: Values | None = None

    @property
    def numbers(self) -> list[float]:
        """All that has to fit on the axis."""
        return [one for row in (self.values, self.low or [], self.high or []) for one in row if one is not None]


def line_plot(name: str, title: str, remark: str, measure: Measure, over: tuple[Sequence[Version], list[Line]]) -> Plot:
    """Draw lines over versions, those of which anything is known."""
    versions, lines = over[0], [line for line in over[1] if line.numbers]
    if not lines:
        return Plot(title, "No version of the history knows this figure.")
    scale = measure.scale([number for line in lines for number in line.numbers])
    chart = _chart(versions, scale, measure)
    looks = [look for line in lines for look in _add(chart, line, versions, measure)]
    keys = tuple(line.key for line in lines) if len(lines) > 1 else ()
    return Plot(title, remark, drawn(chart, Caption(name, title, _told(versions, lines, measure)), looks), keys)


def _chart(versions: Sequence[Version], scale: Scale, measure: Measure) -> pygal.XY:
    last = len(versions) - 1
    return pygal.XY(
        **options(
            xrange=(-_ROOM, last + _ROOM),
            range=scale.ends,
            x_labels=[{"value": place, "label": _day(versions, place)} for place in _places(last)],
            y_labels=[{"value": tick, "label": measure.tick(scale, tick)} for tick in scale.ticks],
            x_title=_axis(versions),
            y_title=measure.unit,
            allow_interruptions=True,
        )
    )


def _told(versions: Sequence[Version], lines: Sequence[Line], measure: Measure) -> str:
    """Say in words what a plot shows: its span of time, and where each line began and ended."""
    number = "1 version" if len(versions) == 1 else f"{len(versions)} versions"
    span = f"{number}, {moment(versions[0].made_at)} to {moment(versions[-1].made_at)}."
    ends = [(line.key.label, [one for one in line.values if one is not None]) for line in lines]
    told = (f"{label}: from {measure.word(row[0])} to {measure.word(row[-1])}." for label, row in ends if row)
    return " ".join([span, *told])


def _places(last: int) -> range:
    """Give the versions that get a label: the last, and some before it at even steps."""
    return range(last, -1, -max(1, math.ceil(last / (_LABELS - 1))))


def _axis(versions: Sequence[Version]) -> str:
    if _is_one_day(versions):
        return f"version, by the time of {versions[0].made_at:%Y-%m-%d} it was made (UTC)"
    return "version, by the day it was made (UTC)"


def _day(versions: Sequence[Version], place: int) -> str:
    made_at = versions[place].made_at.astimezone(UTC)
    return f"{made_at:%H:%M}" if _is_one_day(versions) else f"{made_at:%d %b}"


def _is_one_day(versions: Sequence[Version]) -> bool:
    days = {version.made_at.astimezone(UTC).date() for version in versions}
    return len(versions) > 1 and len(days) == 1


def _add(chart: pygal.XY, line: Line, versions: Sequence[Version], measure: Measure) -> list[str]:
    """Add a line, below it its intervals, each a stroke of its own; give the looks of what was added."""
    look = line.key.look
    if line.low and line.high:
        ends = [end for low, high in zip(line.low, line.high, strict=True) for end in (low, high, None)]
        chart.add(None, [(place // 3, end) for place, end in enumerate(ends)], show_dots=False)
    chart.add(None, [_dot(place, value, versions[place], measure) for place, value in enumerate(line.values)])
    return [f"{look} interval", look] if line.low and line.high else [look]


def _dot(place: int, value: float | None, version: Version, measure: Measure) -> dict[str, Any]:
    told = f"{moment(version.made_at)}, {version.outcome}: {measure.word(value)}"
    return {"value": (place, value), "formatter": lambda _: told}
