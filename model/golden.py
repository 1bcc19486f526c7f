"""Golden answers: what a model, and a replica that serves it, must say of a few products."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.answers import similar
from model.model import Model

# The API tells scores with the seven digits that a float32 has.
RELATIVE_TOLERANCE: Final = 1e-5
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


def wrong_answer(model: Model, golden: Sequence[GoldenAnswer]) -> str | None:
    """Ask a model for its golden answers; give the first difference in words, None: all is right."""
    return next(filter(None, (_difference(model, one) for one in golden)), None)


def _difference(model: Model, expected: GoldenAnswer) -> str | None:
    item_idx = model.products.find(expected.product_id)
    if item_idx is None:
        return f"it knows no product {expected.product_id}"
    answers = similar(model, item_idx, len(expected.similar)).answers
    found = [model.products.at(answer.item_idx) for answer in answers if answer.item_idx < len(model.products)]
    if found != list(expected.similar):
        return f"on product {expected.product_id} it says {', '.join(found)}, and said {', '.join(expected.similar)}"
    for answer, product_id, score in zip(answers, found, expected.scores, strict=True):
        if not math.isclose(answer.score, score, rel_tol=RELATIVE_TOLERANCE):
            return f"on product {expected.product_id} {product_id} has score {answer.score:.7g}, and had {score:.7g}"
    return None


def _answer(model: Model, item_idx: int) -> GoldenAnswer:
    items, scores = model.neighbours.row(item_idx)
    return GoldenAnswer(
        model.products.at(item_idx),
        tuple(model.products.at(int(item)) for item in items[:_NEIGHBOURS]),
        tuple(float(score) for score in scores[:_NEIGHBOURS]),
    )
