"""A card's plots, in the order in which they stand there; where there is nothing to draw, a sentence says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.model import Model
from plots.plot import Plot
from plots.version_plots import coverage_plot, metric_plots, sparsity_plot
from plots.versions import Version
from trainer.card.popularity_plot import popularity_plot
from trainer.card.shares import RecommendationShares
from trainer.card.similarity_plot import similarity_plot
from trainer.card.timings_plot import timings_plot


@dataclass(frozen=True)
class Plots:
    """The plots by the section of the card that shows them."""

    metrics: tuple[Plot, ...]
    history: tuple[Plot, ...]
    model: tuple[Plot, ...]
    run: tuple[Plot, ...]


def plots_of(
    versions: Sequence[Version],
    model: Model,
    recommended: RecommendationShares | None,
    seconds_by_step: Mapping[str, float],
) -> Plots:
    """Draw all plots."""
    return Plots(
        metrics=metric_plots(versions),
        history=(coverage_plot(versions), sparsity_plot(versions)),
        model=(similarity_plot(model), popularity_plot(recommended)),
        run=(timings_plot(seconds_by_step),),
    )
