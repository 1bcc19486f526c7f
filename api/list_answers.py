"""A model's answers as the JSON that clients get."""

from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.exchanges import Exchange, exchange_of
from api.list_pieces import number
from api.served_model import ServedModel
from model.answers import AnswerList, Source
from model.full_lists import Listed
from model.histories import Histories
from model.reasons import Explanation, explanations

_JSON: Final = (b"content-type", b"application/json")


class ListAnswer(Response):
    """A list as an answer, which tells the observers of requests what it is made of."""

    def __init__(self, body: str, source: Source, n_products: int) -> None:
        # Starlette's own would look through headers that nobody gives.
        self.status_code, self.background = 200, None
        self.body = body.encode()
        self.raw_headers = _headers(self.body)
        self.source, self.n_products = source.value, n_products

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI's signature)
        """Give the answer."""
        await send_list(exchange_of(scope), send, bytes(self.body), self.source, self.n_products)


async def send_list(exchange: Exchange, send: Send, body: bytes, source: str, n_products: int) -> None:
    """Give a list as it was rendered."""
    exchange.source, exchange.n_products = source, n_products
    await send({"type": "http.response.start", "status": 200, "headers": _headers(body)})
    await send({"type": "http.response.body", "body": body})


def _headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", b"%d" % len(body)), _JSON]


def full_list_answer(served: ServedModel, listed: Listed, source: Source, more: str = "") -> ListAnswer:
    """Render a list that is of one source. `more` is what else the route says of it: JSON, from a comma on."""
    items, scores = listed
    written = served.pieces.listed(items, scores, source)
    confidence = "0.0" if source is Source.POPULAR else "1.0"
    return ListAnswer(_framed(served, written, source, confidence, more), source, len(items))


def list_answer(served: ServedModel, found: AnswerList, more: str = "") -> ListAnswer:
    """Render a list, and what else the route says of it."""
    written = "},".join([served.pieces.answered(answer) for answer in found.answers])
    return _answer(served, found, written, more)


def explained_answer(served: ServedModel, found: AnswerList, history: Histories, more: str = "") -> ListAnswer:
    """Render a list with what led to each of its products, and what else the route says of it."""
    why = explanations(served.model, history, found.answers)
    written = "},".join(
        [
            f'{served.pieces.answered(answer)},"explanation":{_explanation(served, explanation)}'
            for answer, explanation in zip(found.answers, why, strict=True)
        ]
    )
    return _answer(served, found, written, more)


def _answer(served: ServedModel, found: AnswerList, written: str, more: str) -> ListAnswer:
    items, confidence = written and written + "}", repr(round(found.confidence, 2))
    return ListAnswer(_framed(served, items, found.source, confidence, more), found.source, len(found.answers))


def _framed(served: ServedModel, items: str, source: Source, confidence: str, more: str) -> str:
    told = f'"source":"{source}","confidence":{confidence},"model_version":"{served.version}"'
    return f'{{"items":[{items}],{told}{more}}}'


def _explanation(served: ServedModel, explanation: Explanation) -> str:
    at = served.model.products.at
    reasons = [
        {"product_id": at(one.item_idx), "part": _shortest(one.part), "shoppers": one.shoppers}
        for one in explanation.reasons
    ]
    parts: dict[str, Any] = {name: _shortest(getattr(explanation, name)) for name in ("rest", "again", "popularity")}
    return orjson.dumps({"reasons": reasons, **parts}).decode()


def _shortest(score: float) -> float:
    return float(number(score))
