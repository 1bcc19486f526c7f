"""How similar neighbours are."""

from typing import Final

import numpy as np
import pygal
from numpy.typing import NDArray

from model.model import Model
from plots.drawing import Caption, drawn, options
from plots.plot import Plot
from plots.scale import scale_of
from plots.wording import count, metric, percent

_TITLE: Final = "Similarity of neighbours"
_BINS: Final = 20
_MOST_PAIRS: Final = 200_000
_SEED: Final = 0


def similarity_plot(model: Model) -> Plot:
    """Draw the distribution of the neighbours' scores, of a sample where there are very many."""
    scores = _sample(model.neighbours.scores)
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return Plot(_TITLE, "The model holds no neighbours, so there is nothing to draw.")
    scale = scale_of([0.0, float(scores.min()), float(scores.max())])
    counts, edges = np.histogram(scores, bins=_BINS, range=scale.ends)
    shares = counts / len(scores)
    heights = scale_of([0.0, float(shares.max())])
    chart = pygal.Histogram(
        **options(
            range=heights.ends,
            x_labels=[{"value": tick, "label": scale.tell(tick)} for tick in scale.ticks],
            y_labels=[{"value": tick, "label": heights.tell_percent(tick)} for tick in heights.ticks],
            x_title="similarity",
            y_title="share of the pairs",
        )
    )
    chart.add(None, [_bar(share, *edges[place : place + 2]) for place, share in enumerate(shares.tolist())])
    return Plot(
        _TITLE, _remark(model, scores), drawn(chart, Caption("plot-similarity", _TITLE, _told(scores)), ["candidate"])
    )


def _sample(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Draw scores at random: every hundredth, say, would be the best of each row."""
    if len(scores) > _MOST_PAIRS:
        scores = scores[np.random.default_rng(_SEED).integers(0, len(scores), _MOST_PAIRS)]
    return scores.astype(np.float64)


def _bar(share: float, low: float, high: float) -> dict[str, object]:
    told = f"{low:.3f} to {high:.3f}: {percent(share)} of the pairs"
    return {"value": (share, float(low), float(high)), "formatter": lambda _: told}


def _told(scores: NDArray[np.float64]) -> str:
    low, middle, high = np.quantile(scores, [0.1, 0.5, 0.9]).tolist()
    return f"Half of the pairs are above {metric(middle)}; four fifths lie between {metric(low)} and {metric(high)}."


def _remark(model: Model, scores: NDArray[np.float64]) -> str:
    pairs = f"{count(model.neighbours.n_pairs)} pairs of a product and its neighbour"
    sampled = f", of which {count(_MOST_PAIRS)} were drawn" if model.neighbours.n_pairs > _MOST_PAIRS else ""
    return f"{pairs}{sampled}. {_told(scores)}"
