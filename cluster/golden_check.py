"""Whether a replica says what the trainer knows that the new model says."""

import math
import urllib.parse
from collections.abc import Sequence
from typing import Any, Final

from cluster.replica import Replica
from model.golden import RELATIVE_TOLERANCE, GoldenAnswer

_SHOWN: Final = 5


def wrong_answer(replica: Replica, version: str, golden: Sequence[GoldenAnswer]) -> str | None:
    """Ask a replica for its version and for the golden answers; give the first difference in words, None: all is right.

    Raises NoAnswerError where it does not answer.
    """
    served = replica.served_version()
    if served != version:
        return f"{replica.name} is pinned to {version} and serves {served or 'no model'}"
    return next(filter(None, (_difference(replica, version, one) for one in golden)), None)


def _difference(replica: Replica, version: str, expected: GoldenAnswer) -> str | None:
    product = urllib.parse.quote(expected.product_id, safe="")
    # The golden answers are the model's own: whether a shop has a product in stock is no part of them.
    asked = f"similar?k={len(expected.similar)}&include_unavailable=true"
    answer = replica.ask_json(f"/api/products/{product}/{asked}")
    about = f"{replica.name} on product {expected.product_id}"
    if answer is None:
        return f"{about}: it knows no such product"
    if answer.get("model_version") != version:
        return f"{about}: the answer is by model {answer.get('model_version')}"
    products, scores = _read(answer)
    if products != list(expected.similar):
        return f"{about}: {_shown(products)}, where the model has {_shown(expected.similar)}"
    for product_id, found, wanted in zip(products, scores, expected.scores, strict=True):
        if not math.isclose(found, wanted, rel_tol=RELATIVE_TOLERANCE):
            return f"{about}: {product_id} has score {found:.7g}, where the model has {wanted:.7g}"
    return None


def _read(answer: dict[str, Any]) -> tuple[list[str], list[float]]:
    """Give a list's products and scores; of what is no list, none."""
    try:
        return [str(item["product_id"]) for item in answer["items"]], [float(item["score"]) for item in answer["items"]]
    except (KeyError, TypeError, ValueError):
        return [], []


def _shown(products: Sequence[str]) -> str:
    return ", ".join(products[:_SHOWN]) or "nothing"
