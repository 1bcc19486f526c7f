"""A model's answers as the JSON that clients get."""

from typing import Any

from starlette.types import Receive, Scope, Send

from api.exchanges import exchange_of
from api.json_answers import JsonAnswer
from api.served_model import ServedModel
from model.answers import AnswerList
from model.histories import Histories
from model.reasons import Explanation, explanations


class ListAnswer(JsonAnswer):
    """A list as an answer, which tells the observers of requests what it is made of."""

    def __init__(self, content: Any, found: AnswerList) -> None:  # noqa: ANN401 (Starlette's signature)
        super().__init__(content)
        self._source, self._n_products = found.source.value, len(found.answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the answer."""
        exchange = exchange_of(scope)
        exchange.source, exchange.n_products = self._source, self._n_products
        await super().__call__(scope, receive, send)


def list_answer(served: ServedModel, found: AnswerList, **members: object) -> ListAnswer:
    """Render a list, and what else the route says of it."""
    return ListAnswer(_content(served, found, **members), found)


def _content(served: ServedModel, found: AnswerList, **members: object) -> dict[str, Any]:
    at = served.model.at
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
    return {"items": items, **told, **members}


def explained_answer(served: ServedModel, found: AnswerList, history: Histories, **members: object) -> ListAnswer:
    """Render a list with what led to each of its products, and what else the route says of it."""
    answer = _content(served, found, **members)
    why = explanations(served.model, history, found.answers)
    for item, explanation in zip(answer["items"], why, strict=True):
        item["explanation"] = _explanation(served, explanation)
    return ListAnswer(answer, found)


def _explanation(served: ServedModel, explanation: Explanation) -> dict[str, Any]:
    at = served.model.products.at
    reasons = [
        {"product_id": at(one.item_idx), "part": _shortest(one.part), "shoppers": one.shoppers}
        for one in explanation.reasons
    ]
    parts = {name: _shortest(getattr(explanation, name)) for name in ("rest", "again", "popularity")}
    return {"reasons": reasons, **parts}


def _shortest(score: float) -> float:
    """Drop the digits that a float32 never had: 0.9, not 0.8999999761581421."""
    return float(f"{score:.7g}")
