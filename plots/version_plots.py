"""Plots over versions: the metrics on each one's holdout, coverage and sparsity."""

from collections.abc import Sequence
from typing import Final

from plots.lines import Line, Measure, Values, line_plot
from plots.lookup import number_at
from plots.metric_names import METRIC_NAMES, METRICS
from plots.plot import Key, Plot
from plots.scale import Scale, scale_of
from plots.translation import Translate, english
from plots.versions import Version
from plots.wording import metric, percent

_LEAST_ROOM: Final = 1e-5
_MOST_ROOM: Final = 0.05
_MEANS: Final = {
    "ndcg": "How well the order of a list agrees with what its user took up.",
    "recall": "Share of what a user took up that stood in the list.",
    "precision": "Share of a list that its user took up.",
    "hit_rate": "Share of the users who took up at least one product of their list.",
}


def _from_zero(values: Sequence[float]) -> Scale:
    return scale_of([0.0, *values])


def _below_one(values: Sequence[float]) -> Scale:
    """Give room around values that stay near 1, in proportion to how near."""
    room = min(_MOST_ROOM, (1 - max(values)) / 2) + _LEAST_ROOM
    return scale_of(values, least_span=room, within=(0.0, 1.0))


_METRIC: Final = Measure("mean over the users", metric, Scale.tell, _from_zero)
_COVERAGE: Final = Measure("share of the products", percent, Scale.tell_percent, _from_zero)
_SPARSITY: Final = Measure("share of the pairs", percent, Scale.tell_percent, _below_one)


def metric_plots(
    versions: Sequence[Version], names: Sequence[str] = METRICS, t: Translate = english
) -> tuple[Plot, ...]:
    """Draw one plot a metric; where no version was evaluated, one sentence stands for all of them."""
    if all(version.metric(name) is None for version in versions for name in names):
        why = t("No version was evaluated on a holdout, so there are no metrics to draw.")
        return (Plot(t("Metrics over versions"), why),)
    return tuple(_metric_plot(name, versions, t) for name in names)


def coverage_plot(versions: Sequence[Version], t: Translate = english) -> Plot:
    """Draw which share of the catalogue was recommended to anyone, and which has a neighbour."""
    lines = [
        Line(Key("related", "has a neighbour"), [version.related_share for version in versions]),
        Line(Key("candidate", "recommended to anyone"), [version.recommended_share for version in versions]),
    ]
    remark = t("Share of the products that have a neighbour, and that stood in the list of any user of the holdout.")
    return line_plot("plot-coverage", t("Coverage"), remark, _COVERAGE, (versions, lines), t)


def sparsity_plot(versions: Sequence[Version]) -> Plot:
    """Draw the share of pairs without an interaction, of which 100 % is the end."""
    lines = [Line(Key("candidate", "sparsity"), [version.sparsity for version in versions])]
    remark = "Share of the pairs of a user and a product without an interaction."
    return line_plot("plot-sparsity", "Sparsity", remark, _SPARSITY, (versions, lines))


def _metric_plot(name: str, versions: Sequence[Version], t: Translate) -> Plot:
    def of(side: str, part: str) -> Values:
        return [version.metric(name, side=side, part=part) for version in versions]

    lines = [
        Line(Key("candidate", "this recipe"), *(of("candidate", part) for part in ("mean", "low", "high"))),
        Line(Key("popularity", "popular products"), of("popularity", "mean")),
    ]
    title = f"{t(METRIC_NAMES[name])}{_at_k(versions)}"
    return line_plot(f"plot-{name.replace('_', '-')}", title, t(_MEANS[name]), _METRIC, (versions, lines), t)


def _at_k(versions: Sequence[Version]) -> str:
    k = next((k for version in reversed(versions) if (k := number_at(version.holdout, "k")) is not None), None)
    return "" if k is None else f"@{k:.0f}"
