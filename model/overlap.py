"""How far two models agree on which products belong together."""

from typing import Final

import numpy as np

from model.model import Model

PRODUCTS: Final = 500
NEIGHBOURS: Final = 10


def neighbour_overlap(before: Model, after: Model) -> float | None:
    """Give the mean share of their ten best neighbours that the 500 most popular products of `before` keep.

    A product that `after` does not know keeps none. None where no such product has a neighbour.
    """
    lengths = np.diff(before.neighbours.indptr)
    items = before.by_popularity[lengths[before.by_popularity] > 0][:PRODUCTS]
    return float(np.mean([_kept_share(before, after, item) for item in items.tolist()])) if len(items) else None


def _kept_share(before: Model, after: Model, item_idx: int) -> float:
    best = _best(before, item_idx)
    found = after.products.find(before.products.at(item_idx))
    return len(best & _best(after, found)) / len(best) if found is not None else 0.0


def _best(model: Model, item_idx: int) -> set[str]:
    items, _ = model.neighbours.row(item_idx)
    return {model.products.at(item) for item in items[:NEIGHBOURS].tolist()}
