"""Axes: where they begin and end, and the round numbers that stand along them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_STEPS: Final = (1, 2, 2.5, 5, 10)
_LEAST_SPAN: Final = 1e-6
_ANYWHERE: Final = (-math.inf, math.inf)
_MOST_TICKS: Final = 6
_MOST_DECIMALS: Final = 8


@dataclass(frozen=True)
class Scale:
    """An axis from `ticks[0]` to `ticks[-1]`."""

    ticks: tuple[float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """Where the axis begins and ends."""
        return self.ticks[0], self.ticks[-1]

    def tell(self, value: float) -> str:
        """Render a value with as many decimals as the ticks have."""
        return f"{value:,.{_decimals(self.ticks)}f}"

    def tell_percent(self, share: float) -> str:
        """Render a share likewise."""
        return f"{100 * share:,.{_decimals(tuple(100 * tick for tick in self.ticks))}f} %"


def scale_of(
    values: Sequence[float], least_span: float = _LEAST_SPAN, within: tuple[float, float] = _ANYWHERE
) -> Scale:
    """Give the axis that holds these values, of which there is at least one, and has at most six round ticks.

    Values that are all but the same get a span around them, since an axis needs a length, but none outside `within`.
    """
    low, high = min(values), max(values)
    missing = max(least_span, _LEAST_SPAN * abs(high)) - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
        low, high = max(low, within[0]), min(high, within[1])
    step = _step((high - low) / (_MOST_TICKS - 2))
    first, last = math.floor(low / step + _LEAST_SPAN), math.ceil(high / step - _LEAST_SPAN)
    return Scale(tuple(round(place * step, 12) for place in range(first, last + 1)))


def _step(least: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(step * magnitude for step in _STEPS if step * magnitude >= least * (1 - _LEAST_SPAN))


def _decimals(ticks: tuple[float, ...]) -> int:
    """Give the fewest decimals that tell each tick exactly."""
    exact = (n for n in range(_MOST_DECIMALS) if all(math.isclose(round(t, n), t, abs_tol=1e-12) for t in ticks))
    return next(exact, _MOST_DECIMALS)
