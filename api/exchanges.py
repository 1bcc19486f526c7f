"""Requests as they are told of afterwards: what was asked, what became of it, and who wants to know.

One middleware watches a request, and several observers are told: a middleware each would cost a request more.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.request_ids import REQUEST_ID_HEADER, request_id_of
from runtime import log_fields

MODEL_VERSION_HEADER: Final = b"X-Model-Version"
UNMATCHED: Final = "unmatched"
# What probes and scrapers ask for, all day long.
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_KEY: Final = "recommender.exchange"


@dataclass(slots=True)
class Exchange:
    """A request and its answer. What is not known yet, or not there, is empty.

    `model_version` is the model that was taken to answer; `source` and `n_products` are a list's. `log_fields` stand in
    every log line meanwhile.
    """

    scope: Scope
    log_fields: dict[str, str]
    status: int = 500
    sent_bytes: int = 0
    seconds: float = 0.0
    model_version: str = ""
    source: str = ""
    n_products: int = 0

    @property
    def request_id(self) -> str:
        """The id that the answer and the log lines carry."""
        return self.log_fields["request_id"]

    @property
    def method(self) -> str:
        """The method, or `other`: clients choose it, and it is a label."""
        method: str = self.scope["method"]
        return method if method in _METHODS else "other"

    @property
    def route(self) -> str:
        """The route's template."""
        return route_of(self.scope)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give the headers that every answer has."""
        headers = [(REQUEST_ID_HEADER, self.request_id.encode())]
        if self.model_version:
            headers.append((MODEL_VERSION_HEADER, self.model_version.encode()))
        return headers


class Observer(Protocol):
    """Who wants to know of requests."""

    def note(self, exchange: Exchange) -> None:
        """Take note of a request that is over."""


class ObservedRequests:
    """Middleware that gives a request its id, and tells the observers how it went."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer]) -> None:
        self._app, self._observers = app, observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and see how it goes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, {"request_id": request_id_of(scope["headers"])})
        scope[_KEY] = exchange
        entered, started = log_fields.enter(exchange.log_fields), time.perf_counter()

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = [*message.get("headers", ()), *exchange.headers()]
            else:
                exchange.sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            exchange.seconds = time.perf_counter() - started
            for observer in self._observers:
                observer.note(exchange)
            log_fields.leave(entered)


def exchange_of(scope: Scope) -> Exchange:
    """Give what is known of the request under way."""
    found: Exchange = scope[_KEY]
    return found


def route_of(scope: Scope) -> str:
    """Give the template of a request's route; never the path, which clients choose and which names users."""
    template: str = getattr(scope.get("route"), "path_format", UNMATCHED)
    return template
