"""Cron lines of five fields, as Kubernetes reads them: when runs are due.

Read here, since a time too many is a false alarm, and neither library reads them so: to croniter `*/2` restricts the
days of the month, which makes a weekday beside it enough, and to cronsim `1/2` among the weekdays ends with Sunday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES: Final = {
    3: {name: place for place, name in enumerate(_MONTHS, start=1)},
    4: {name: place for place, name in enumerate(_DAYS)},
}
_MACROS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class BadCronLineError(ValueError):
    """This is no cron line, or no time zone, that we can read."""


@dataclass(frozen=True)
class CronLine:
    """The minutes at which something is due, in a time zone.

    As cron has it since 1979: where both days are restricted, one of them is enough.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    zone: ZoneInfo

    @classmethod
    def of(cls, line: str, zone: str | None = None) -> Self:
        """Read a line. Raises BadCronLineError."""
        fields = _MACROS.get(line.strip(), line).lower().split()
        if len(fields) != len(_RANGES):
            raise BadCronLineError(line)
        try:
            minutes, hours, days, months, weekdays = (_values(field, place) for place, field in enumerate(fields))
            either_day = not fields[2].startswith(("*", "?")) and not fields[4].startswith(("*", "?"))
            return cls(minutes, hours, days, months, weekdays, either_day, ZoneInfo(zone or "UTC"))
        except (ValueError, ZoneInfoNotFoundError):
            raise BadCronLineError(line) from None

    def times(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give the times at which it is due, after one moment and up to another, newest first."""
        day, first = until.astimezone(self.zone).date(), after.astimezone(self.zone).date()
        while day >= first:
            if self._has(day):
                yield from (moment for moment in self._times_of(day) if after < moment <= until)
            day -= timedelta(days=1)

    def _has(self, day: date) -> bool:
        on_day, on_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        on_either = on_day or on_weekday if self.either_day else on_day and on_weekday
        return day.month in self.months and on_either

    def _times_of(self, day: date) -> Iterator[datetime]:
        for hour in sorted(self.hours, reverse=True):
            for minute in sorted(self.minutes, reverse=True):
                yield datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)


def _values(field: str, place: int) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _range(part, place))


def _range(part: str, place: int) -> range:
    low, high = _RANGES[place]
    span, _, step = part.partition("/")
    if span in {"*", "?"}:
        first, last = low, high
    else:
        begin, dash, end = span.partition("-")
        first = _number(begin, place)
        last = _number(end, place) if dash else (high if step else first)
    if not low <= first <= last <= high or (step and int(step) < 1):
        raise ValueError(part)
    return range(first, last + 1, int(step or 1))


def _number(text: str, place: int) -> int:
    named = _NAMES.get(place, {}).get(text)
    return int(text) if named is None else named
