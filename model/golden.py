"""Golden answers: what a replica must say of a few products once it serves a model."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.model import Model

_PRODUCTS: Final = 5
_NEIGHBOURS: Final = 5


@dataclass(frozen=True)
class GoldenAnswer:
    """A product, and its best neighbours and their scores as `similar` gives them."""

    product_id: str
    similar: tuple[str, ...]
    scores: tuple[float, ...]


def golden_answers(model: Model) -> tuple[GoldenAnswer, ...]:
    """Give the answers of the five most popular products that have five neighbours; fewer where there are no more."""
    lengths = np.diff(model.neighbours.indptr)
    full = model.by_popularity[lengths[model.by_popularity] >= _NEIGHBOURS]
    return tuple(_answer(model, int(item)) for item in full[:_PRODUCTS])


def _answer(model: Model, item_idx: int) -> GoldenAnswer:
    items, scores = model.neighbours.row(item_idx)
    return GoldenAnswer(
        model.products.at(item_idx),
        tuple(model.products.at(int(item)) for item in items[:_NEIGHBOURS]),
        tuple(float(score) for score in scores[:_NEIGHBOURS]),
    )
