"""Routes of lists, which are asked more than all others: what is plain is answered at once.

FastAPI describes them, as it does all routes, and answers whatever is not plain, above all what is wrong. Between the
two is no difference but time: the same models read the request, and the same function answers it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, get_type_hints
from urllib.parse import parse_qsl

import orjson
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exchanges import exchange_of
from api.kept_answers import KeptAnswer
from api.list_answers import ListAnswer, send_list
from api.problems import Problem
from api.served_model import ModelService

# Of longer queries there are too many different ones to be worth keeping.
_LONGEST_KEPT_QUERY: Final = 100
_KEPT_QUERIES: Final = 1000
_JSON: Final = b"application/json"


class ListRoute(APIRoute):
    """A route whose function takes the model in service, what is `asked` of it, and the id that the path holds, if any.

    What is asked is a pydantic model: of the query, or, where the method is POST, of the body.
    """

    def __init__(self, path: str, endpoint: Any, **rest: Any) -> None:  # noqa: ANN401 (FastAPI's own arguments)
        super().__init__(path, endpoint, **rest)
        begin, brace, end = self.path_format.partition("{")
        self._begin, self._end, self._has_id = begin, end.partition("}")[2], bool(brace)
        self._shortest = len(self._begin) + len(self._end)
        self._asked: type[BaseModel] = get_type_hints(endpoint)["asked"]
        self._many = frozenset(_arrays(self._asked.model_json_schema()["properties"]))
        self._kept_query = lru_cache(_KEPT_QUERIES)(self._of_query)

    def id_of(self, path: str) -> tuple[str, ...] | None:
        """Give the id in a path, or nothing where this path has none; None for a path of another route."""
        if not self._has_id:
            return () if path == self._begin else None
        if path.startswith(self._begin) and path.endswith(self._end) and len(path) >= self._shortest:
            return (path[len(self._begin) : len(path) - len(self._end)],)
        return None

    def of_query(self, query: bytes) -> BaseModel | None:
        """Read a query, None where something is wrong with it."""
        return self._kept_query(query) if len(query) <= _LONGEST_KEPT_QUERY else self._of_query(query)

    def of_body(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> BaseModel | None:
        """Read a body, None where something is wrong with it or it is not plainly said to be JSON."""
        said = next((value for name, value in headers if name == b"content-type"), b"")
        if said.partition(b";")[0].strip().lower() != _JSON:
            return None
        try:
            return self._asked.model_validate(orjson.loads(body))
        except (orjson.JSONDecodeError, ValidationError):
            return None

    def _of_query(self, query: bytes) -> BaseModel | None:
        given: dict[str, str | list[str]] = {}
        for name, value in parse_qsl(query.decode(), keep_blank_values=True):
            if name in self._many:
                given[name] = [*given.get(name, ()), value]
            else:
                given[name] = value
        try:
            return self._asked.model_validate(given)
        except ValidationError:
            return None


class ModelListRoute(ListRoute):
    """A route whose answers rest on the model in service alone, so that they are kept with it."""


class PlainLists:
    """Middleware that answers plain requests for lists, and passes on all others."""

    def __init__(self, app: ASGIApp, routes: Sequence[ListRoute], models: ModelService) -> None:
        self._app, self._models = app, models
        self._routes: dict[str, list[ListRoute]] = {}
        for route in routes:
            for method in route.methods or ():
                self._routes.setdefault(method, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or pass it on."""
        if scope["type"] != "http" or scope["method"] not in self._routes:
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        for route in self._routes[method]:
            ids = route.id_of(path)
            if ids is not None:
                scope["route"] = route
                take = self._take_body if method == "POST" else self._take_query
                await take(route, ids, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _take_query(
        self, route: ListRoute, ids: Sequence[str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        asked = route.of_query(scope["query_string"])
        await self._answer(route, asked, ids, scope, receive, send)

    async def _take_body(
        self, route: ListRoute, ids: Sequence[str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            messages = await _all(receive)
        except Problem as problem:
            await problem.answer()(scope, receive, send)
            return
        asked = route.of_body(scope["headers"], b"".join([one.get("body", b"") for one in messages]))
        await self._answer(route, asked, ids, scope, _beginning_with(messages, receive), send)

    async def _answer(
        self,
        route: ListRoute,
        asked: BaseModel | None,
        ids: Sequence[str],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        served = self._models.state.served
        if asked is None or served is None:
            await self._app(scope, receive, send)
            return
        exchange_of(scope).model_version = served.version
        try:
            answer = await route.endpoint(served, asked, *ids)
        except Problem as problem:
            answer = problem.answer()
        if isinstance(route, ModelListRoute) and isinstance(answer, ListAnswer):
            kept = KeptAnswer(route, bytes(answer.body), answer.source, answer.n_products)
            served.kept.keep((scope["path"], scope["query_string"]), kept)
        await answer(scope, receive, send)


class KeptLists:
    """Middleware that answers again what was asked before of the same model, where nothing is to be limited."""

    def __init__(self, app: ASGIApp, models: ModelService) -> None:
        self._app, self._models = app, models

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or pass it on."""
        served = self._models.state.served
        if served is None or scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        kept = served.kept.find((scope["path"], scope["query_string"]))
        if kept is None:
            await self._app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        exchange.model_version, scope["route"] = served.version, kept.route
        await send_list(exchange, send, kept.body, kept.source, kept.n_products)


def _arrays(properties: Mapping[str, Any]) -> Iterator[str]:
    """Give what may come several times."""
    for name, schema in properties.items():
        if any(one.get("type") == "array" for one in schema.get("anyOf", [schema])):
            yield name


async def _all(receive: Receive) -> list[Message]:
    """Take all messages of a request, its end or its client's included."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _beginning_with(messages: list[Message], receive: Receive) -> Receive:
    """Give messages that were taken once more, and then what follows."""
    taken = iter(messages)

    async def receive_again() -> Message:
        return next(taken, None) or await receive()

    return receive_again
