"""Whether recommendations lead only to what is popular anyway."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pygal
from numpy.typing import NDArray

from plots.drawing import Caption, drawn, options
from plots.plot import Key, Plot
from plots.wording import percent
from trainer.card.shares import RecommendationShares

_TITLE: Final = "Popularity against recommendations"
_MOST_DOTS: Final = 200
_GROUPS: Final = 16
_BELOW: Final = 0.7
_HEAD: Final = 0.01
_FEWEST_DECADES: Final = 3
_MOST_TICKS: Final = 6
_BETWEEN: Final = (0.0, math.log10(2), math.log10(5))

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class _Products:
    """Products by falling popularity: each one's share of all popularity, and of all recommendations, float (n,)."""

    popular: Shares
    recommended: Shares


def popularity_plot(recommended: RecommendationShares | None) -> Plot:
    """Draw products by their share of popularity and of recommendations, a few hundred of them."""
    if recommended is None:
        return Plot(_TITLE, "The recipe was not tried on a holdout, so nobody knows what it would have recommended.")
    products = _products(recommended)
    if products is None:
        return Plot(_TITLE, "On the holdout no popular product was recommended, so there is nothing to compare.")
    remark = _remark(products)
    return Plot(_TITLE, remark, drawn(_chart(products), Caption("plot-popularity", _TITLE, remark), _LOOKS), _KEYS)


_KEYS: Final = (
    Key("product", "a product"),
    Key("candidate", "mean of products of like popularity"),
    Key("proportion", "as often as it is popular"),
)
_LOOKS: Final = ("proportion", "product", "candidate")


def _products(shares: RecommendationShares) -> _Products | None:
    """Leave out products that nobody touched before the holdout: a logarithm has no place for them."""
    popularity, recommended = shares.popularity.astype(np.float64), shares.recommended.astype(np.float64)
    known = np.isfinite(popularity) & (popularity > 0)
    order = np.argsort(-popularity[known], kind="stable")
    popularity, recommended = popularity[known][order], recommended[known][order]
    if not recommended.sum() > 0:
        return None
    return _Products(popularity / popularity.sum(), recommended / recommended.sum())


def _remark(products: _Products) -> str:
    head = max(1, round(_HEAD * len(products.popular)))
    named = "the most popular product has" if head == 1 else f"the {head:,} most popular products have"
    popular, recommended = (float(shares[:head].sum()) for shares in (products.popular, products.recommended))
    never = float(np.mean(products.recommended == 0))
    return (
        f"Of all events {named} {percent(popular)} by weight, and of all recommendations {percent(recommended)}. "
        f"{percent(never)} of the {len(products.popular):,} products were recommended to nobody."
    )


def _chart(products: _Products) -> pygal.XY:
    floor = float(np.log10(products.recommended[products.recommended > 0].min())) - _BELOW
    x, y = np.log10(products.popular), np.full(len(products.popular), floor)
    np.log10(products.recommended, out=y, where=products.recommended > 0)
    left, right, top = float(x[-1]), float(x[0]), float(y.max())
    chart = pygal.XY(
        **options(
            xrange=(left - 0.1, right + 0.1),
            range=(floor - 0.2, top + 0.2),
            x_labels=_ticks(left, right),
            y_labels=[{"value": floor, "label": "none"}, *_ticks(floor + _BELOW, top)],
            x_title="share of the events' weight",
            y_title="share of recommendations",
            show_x_guides=True,
        )
    )
    low, high = max(left, floor + _BELOW), min(right, top)
    chart.add(None, [(low, low), (high, high)] if low < high else [], show_dots=False)
    chart.add(None, _dots(products, x, y), stroke=False, dots_size=2.2)
    chart.add(None, _means(products, x), dots_size=3)
    return chart


def _ticks(low: float, high: float) -> list[dict[str, object]]:
    """Label powers of ten, every second one where there are many; where there are few, 2 and 5 times those too."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    decades = [float(power) for power in powers if low <= power <= high]
    if len(decades) < _FEWEST_DECADES:
        decades = [power + step for power in powers for step in _BETWEEN if low <= power + step <= high]
    shown = decades[:: 1 + len(decades) // (_MOST_TICKS + 1)]
    return [{"value": place, "label": f"{100 * 10.0**place:.3g} %"} for place in shown or [high]]


def _dots(products: _Products, x: Shares, y: Shares) -> list[dict[str, object]]:
    """Choose ranks evenly on a logarithmic scale: all of the head, some of the tail."""
    ranks = np.unique(np.geomspace(1, len(x), _MOST_DOTS).astype(np.int64)) - 1
    return [_dot(products, rank, float(x[rank]), float(y[rank])) for rank in ranks.tolist()]


def _dot(products: _Products, rank: int, x: float, y: float) -> dict[str, object]:
    told = _told(products, rank)
    return {"value": (x, y), "formatter": lambda _: told}


def _told(products: _Products, rank: int) -> str:
    popular, recommended = float(products.popular[rank]), float(products.recommended[rank])
    return f"No. {rank + 1:,}: {percent(popular)} of the weight, {percent(recommended)} of the recommendations"


def _means(products: _Products, x: Shares) -> list[tuple[float, float]]:
    """Average products of like popularity; a mean below any single product that was recommended is off the scale."""
    edges = np.linspace(x[-1], x[0], _GROUPS + 1)
    groups = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, _GROUPS - 1)
    sizes = np.bincount(groups, minlength=_GROUPS)
    totals = np.bincount(groups, weights=products.recommended, minlength=_GROUPS)
    centres = np.bincount(groups, weights=x, minlength=_GROUPS)
    least = products.recommended[products.recommended > 0].min()
    shown = np.flatnonzero((sizes > 0) & (totals >= least * sizes))
    return [(float(centres[one] / sizes[one]), math.log10(totals[one] / sizes[one])) for one in shown.tolist()]
