"""Rendering a card."""

from collections.abc import Mapping, Sequence

from model.model import Model
from registry.history import Run
from registry.manifest import Manifest
from trainer.card.shares import RecommendationShares


def render_card(
    manifest: Manifest,
    model: Model,
    runs: Sequence[Run],
    recommended: RecommendationShares | None,
    seconds_by_step: Mapping[str, float],
) -> bytes:
    """Give a version's card as UTF-8 HTML: no script, nothing from elsewhere, the same bytes for the same input.

    `runs` is the history, oldest first; whether it holds the run that made this version already does not matter.
    `recommended` is None where the recipe was not tried. Takes 0.3 s, half of which is loading pygal and Jinja.
    """
    from plots.versions import versions_of  # noqa: PLC0415
    from trainer.card.page import page  # noqa: PLC0415 (a run that publishes nothing need not load the libraries)
    from trainer.card.plots import plots_of  # noqa: PLC0415
    from trainer.card.tables import tables_of  # noqa: PLC0415

    versions = versions_of(manifest, runs)
    plots = plots_of(versions, model, recommended, seconds_by_step)
    return page({**tables_of(manifest, model), "versions": versions, "plots": plots})
