"""A model's answers as the JSON that clients get."""

from typing import Any

from api.json_answers import JsonAnswer
from api.served_model import ServedModel
from model.answers import AnswerList


def list_answer(served: ServedModel, found: AnswerList, **members: object) -> JsonAnswer:
    """Render a list, and what else the route says of it."""
    at = served.model.products.at
    items: list[dict[str, Any]] = [
        {
            "product_id": at(answer.item_idx),
            "score": _shortest(answer.score),
            "source": answer.source,
            "seen": answer.seen,
            "borrowed": answer.borrowed,
        }
        for answer in found.answers
    ]
    told = {"source": found.source, "confidence": round(found.confidence, 2), "model_version": served.version}
    return JsonAnswer({"items": items, **told, **members})


def _shortest(score: float) -> float:
    """Drop the digits that a float32 never had: 0.9, not 0.8999999761581421."""
    return float(f"{score:.7g}")
