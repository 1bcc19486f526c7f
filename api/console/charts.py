"""The console's charts: the same lines over versions that the model card has, and how long runs took."""

from collections.abc import Sequence
from typing import Final

from plots.lines import Line, Measure, line_plot
from plots.plot import Key, Plot
from plots.scale import Scale, scale_of
from plots.translation import Translate
from plots.version_plots import coverage_plot, metric_plots
from plots.versions import Version, version_of_run
from plots.wording import count, seconds
from registry.history import Run

# More could hardly be told apart, and each takes a millisecond to draw.
_MOST_SHOWN: Final = 30


def _from_zero(values: Sequence[float]) -> Scale:
    return scale_of([0.0, *values])


_SECONDS: Final = Measure("seconds", seconds, Scale.tell, _from_zero)
_COUNT: Final = Measure("products", count, Scale.tell, _from_zero)


def quality_chart(runs: Sequence[Run], t: Translate) -> tuple[Plot, ...]:
    """Draw how well the newest versions did; nothing where there is none."""
    versions = [version_of_run(run) for run in _made(runs)]
    return metric_plots(versions, ("ndcg",), t) if versions else ()


def charts_of(runs: Sequence[Run], t: Translate) -> tuple[Plot, ...]:
    """Draw all that is drawn of the newest runs that made a version; nothing where there is no such run."""
    made = _made(runs)
    if not made:
        return ()
    versions = [version_of_run(run) for run in made]
    durations = [run.duration_seconds for run in made]
    return (
        *metric_plots(versions, t=t),
        coverage_plot(versions, t),
        _products(versions, t),
        _durations(versions, durations, t),
    )


def _made(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.version][-_MOST_SHOWN:]


def _products(versions: Sequence[Version], t: Translate) -> Plot:
    lines = [Line(Key("candidate", "products"), [version.n_products for version in versions])]
    return line_plot("plot-products", t("Products"), t("That each model knows."), _COUNT, (versions, lines), t)


def _durations(versions: Sequence[Version], seconds_of_runs: Sequence[float], t: Translate) -> Plot:
    lines = [Line(Key("candidate", "seconds"), list(seconds_of_runs))]
    return line_plot("plot-seconds", t("Duration"), t("How long each run took."), _SECONDS, (versions, lines), t)
