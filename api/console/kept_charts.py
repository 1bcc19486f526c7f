"""Charts that were drawn before: drawing all takes a quarter of a second, and a history changes once a run."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from api.console.language import translator
from plots.plot import Plot
from plots.translation import Translate
from registry.history import Run

if TYPE_CHECKING:
    from datetime import datetime

Charts = tuple[Plot, ...]
Draw = Callable[[Sequence[Run], Translate], Charts]


class KeptCharts:
    """The charts of the newest history that was asked about, by the function that draws them and the language."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[Draw, str], tuple[tuple[int, datetime], Charts]] = {}

    def of_quality(self, runs: Sequence[Run], language: str) -> Charts:
        """Give the chart of how well versions did."""
        from api.console.charts import quality_chart  # noqa: PLC0415 (pygal takes 0.1 s to import)

        return self._kept(quality_chart, runs, language)

    def of_all(self, runs: Sequence[Run], language: str) -> Charts:
        """Give all charts of a history."""
        from api.console.charts import charts_of  # noqa: PLC0415

        return self._kept(charts_of, runs, language)

    def _kept(self, draw: Draw, runs: Sequence[Run], language: str) -> Charts:
        if not runs:
            return ()
        history = len(runs), runs[-1].timestamp
        kept = self._drawn.get((draw, language))
        if kept is None or kept[0] != history:
            kept = self._drawn[draw, language] = history, draw(runs, translator(language))
        return kept[1]
