"""Lines over versions: one dot a version, with the interval around it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Final

import pygal

from plots.drawing import Caption, drawn, options
from plots.plot import Key, Plot
from plots.scale import Scale
from plots.translation import Translate, english
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


def line_plot(
    name: str,
    title: str,
    remark: str,
    measure: Measure,
    over: tuple[Sequence[Version], Sequence[Line]],
    t: Translate = english,
) -> Plot:
    """Draw lines over versions, those of which anything is known.

    Title and remark are shown as they are; `t` translates what the measure and the keys say, and the plot itself.
    """
    versions, lines = over[0], [_translated(line, t) for line in over[1] if line.numbers]
    if not lines:
        return Plot(title, t("No version of the history knows this figure."))
    scale = measure.scale([number for line in lines for number in line.numbers])
    chart = _chart(versions, scale, measure, t)
    looks = [look for line in lines for look in _add(chart, line, _dots(line, versions, measure, t))]
    keys = tuple(line.key for line in lines) if len(lines) > 1 else ()
    return Plot(title, remark, drawn(chart, Caption(name, title, _told(versions, lines, measure, t)), looks), keys)


def _translated(line: Line, t: Translate) -> Line:
    return replace(line, key=replace(line.key, label=t(line.key.label)))


def _chart(versions: Sequence[Version], scale: Scale, measure: Measure, t: Translate) -> pygal.XY:
    last = len(versions) - 1
    return pygal.XY(
        **options(
            xrange=(-_ROOM, last + _ROOM),
            range=scale.ends,
            x_labels=[{"value": place, "label": _day(versions, place, t)} for place in _places(last)],
            y_labels=[{"value": tick, "label": measure.tick(scale, tick)} for tick in scale.ticks],
            x_title=_axis(versions, t),
            y_title=t(measure.unit),
            allow_interruptions=True,
        )
    )


def _told(versions: Sequence[Version], lines: Sequence[Line], measure: Measure, t: Translate) -> str:
    """Say in words what a plot shows: its span of time, and where each line began and ended."""
    number = t("1 version") if len(versions) == 1 else t("{n} versions").format(n=len(versions))
    first, last = moment(versions[0].made_at), moment(versions[-1].made_at)
    span = t("{versions}, {first} to {last}.").format(versions=number, first=first, last=last)
    ends = [(line.key.label, [one for one in line.values if one is not None]) for line in lines]
    sentence, word = t("{label}: from {first} to {last}."), measure.word
    told = (sentence.format(label=label, first=word(row[0]), last=word(row[-1])) for label, row in ends if row)
    return " ".join([span, *told])


def _places(last: int) -> range:
    """Give the versions that get a label: the last, and some before it at even steps."""
    return range(last, -1, -max(1, math.ceil(last / (_LABELS - 1))))


def _axis(versions: Sequence[Version], t: Translate) -> str:
    if _is_one_day(versions):
        return t("version, by the time of {day} it was made (UTC)").format(day=f"{versions[0].made_at:%Y-%m-%d}")
    return t("version, by the day it was made (UTC)")


def _day(versions: Sequence[Version], place: int, t: Translate) -> str:
    made_at = versions[place].made_at.astimezone(UTC)
    return made_at.strftime("%H:%M" if _is_one_day(versions) else t("%d %b"))


def _is_one_day(versions: Sequence[Version]) -> bool:
    days = {version.made_at.astimezone(UTC).date() for version in versions}
    return len(versions) > 1 and len(days) == 1


def _add(chart: pygal.XY, line: Line, dots: list[dict[str, Any]]) -> list[str]:
    """Add a line, below it its intervals, each a stroke of its own; give the looks of what was added."""
    look = line.key.look
    if line.low and line.high:
        ends = [end for low, high in zip(line.low, line.high, strict=True) for end in (low, high, None)]
        chart.add(None, [(place // 3, end) for place, end in enumerate(ends)], show_dots=False)
    chart.add(None, dots)
    return [f"{look} interval", look] if line.low and line.high else [look]


def _dots(line: Line, versions: Sequence[Version], measure: Measure, t: Translate) -> list[dict[str, Any]]:
    told = (
        f"{moment(version.made_at)}, {t(version.outcome)}: {measure.word(value)}"
        for version, value in zip(versions, line.values, strict=True)
    )
    return [_dot(place, value, text) for place, (value, text) in enumerate(zip(line.values, told, strict=True))]


def _dot(place: int, value: float | None, told: str) -> dict[str, Any]:
    return {"value": (place, value), "formatter": lambda _: told}
