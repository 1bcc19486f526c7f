"""How far two models agree on which products belong together."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from model.model import Model

PRODUCTS: Final = 500
NEIGHBOURS: Final = 10

# The best neighbours of products, by the products' ids.
BestNeighbours = Mapping[str, frozenset[str]]


def neighbour_overlap(before: Model, after: Model) -> float | None:
    """Give the mean share of their ten best neighbours that the 500 most popular products of `before` keep.

    A product that `after` does not know keeps none. None where no such product has a neighbour.
    """
    return kept_share(popular_neighbours(before), after)


def popular_neighbours(model: Model) -> BestNeighbours:
    """Give the ten best neighbours of the 500 most popular products that have any."""
    lengths = np.diff(model.neighbours.indptr)
    items = model.by_popularity[lengths[model.by_popularity] > 0][:PRODUCTS]
    return {model.products.at(item): _best(model, item) for item in items.tolist()}


def kept_share(before: BestNeighbours, after: Model) -> float | None:
    """Give the mean share of their best neighbours that products keep; None of no product."""
    return float(np.mean([_kept(best, after, product_id) for product_id, best in before.items()])) if before else None


def _kept(best: frozenset[str], after: Model, product_id: str) -> float:
    found = after.products.find(product_id)
    return len(best & _best(after, found)) / len(best) if found is not None else 0.0


def _best(model: Model, item_idx: int) -> frozenset[str]:
    items, _ = model.neighbours.row(item_idx)
    return frozenset(model.products.at(item) for item in items[:NEIGHBOURS].tolist())
