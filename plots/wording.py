"""Numbers and times as people read them."""

import json
import math
from datetime import UTC, datetime
from typing import Final

UNKNOWN: Final = "\N{EN DASH}"
_MINUS: Final = "\N{MINUS SIGN}"
_WHOLE: Final = 1000
_MOST_DECIMALS: Final = 6


def count(number: float | None) -> str:
    """Render a whole number: 1,234,567."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def plain(number: float | None) -> str:
    """Render a number of any size with four digits that count."""
    if number is None or not math.isfinite(number):
        return UNKNOWN
    return _signed(f"{number:,.0f}" if abs(number) >= _WHOLE else f"{number:.4g}")


def metric(number: float | None) -> str:
    """Render a metric, which lies between 0 and 1."""
    return UNKNOWN if number is None else _signed(f"{number:.4f}")


def difference(number: float | None) -> str:
    """Render a difference of metrics with its sign."""
    return UNKNOWN if number is None else _signed(f"{round(number, 4) or 0.0:+.4f}").replace("+0.0000", "0.0000")


def percent(share: float | None) -> str:
    """Render a share, with as many decimals as keep it apart from 0 % and 100 %."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    distance = min(abs(share), abs(1 - share))
    decimals = 0 if distance == 0 else min(max(1, -math.floor(math.log10(distance)) - 1), _MOST_DECIMALS)
    return f"{_signed(f'{100 * share:.{decimals}f}')} %"


def moment(time: datetime | None) -> str:
    """Render a time in UTC."""
    return UNKNOWN if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def moment_of(iso: str) -> str:
    """Render a time that is written as in JSON, and as it is where it is none."""
    try:
        return moment(datetime.fromisoformat(iso))
    except ValueError:
        return iso or UNKNOWN


def megabytes(size: int) -> str:
    """Render a number of bytes."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size:,} bytes"  # noqa: PLR2004


def seconds(duration: float | None) -> str:
    """Render a duration."""
    if duration is None:
        return UNKNOWN
    return f"{duration:,.0f} s" if duration >= 100 else f"{duration:.2f} s"  # noqa: PLR2004


def fading(half_life_days: float | None) -> str:
    """Render how events fade."""
    return UNKNOWN if half_life_days is None else f"by half in {plain(half_life_days)} days"


def setting(value: object) -> str:
    """Render a setting of any kind."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def spoken(name: str) -> str:
    """Render a name of the code: `hit_rate` as `hit rate`."""
    return name.replace("_", " ")


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
