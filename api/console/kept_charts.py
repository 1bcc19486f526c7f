"""Charts that were drawn before: drawing all takes a quarter of a second, and a history changes once a run."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plots.plot import Plot
from registry.history import Run

if TYPE_CHECKING:
    from datetime import datetime

Charts = tuple[Plot, ...]
Draw = Callable[[Sequence[Run]], Charts]


class KeptCharts:
    """The charts of the newest history that was asked about, by the function that draws them."""

    def __init__(self) -> None:
        self._drawn: dict[Draw, tuple[tuple[int, datetime], Charts]] = {}

    def of_quality(self, runs: Sequence[Run]) -> Charts:
        """Give the chart of how well versions did."""
        from api.console.charts import quality_chart  # noqa: PLC0415 (pygal takes 0.1 s to import)

        return self._kept(quality_chart, runs)

    def of_all(self, runs: Sequence[Run]) -> Charts:
        """Give all charts of a history."""
        from api.console.charts import charts_of  # noqa: PLC0415

        return self._kept(charts_of, runs)

    def _kept(self, draw: Draw, runs: Sequence[Run]) -> Charts:
        if not runs:
            return ()
        history = len(runs), runs[-1].timestamp
        if draw not in self._drawn or self._drawn[draw][0] != history:
            self._drawn[draw] = history, draw(runs)
        return self._drawn[draw][1]
