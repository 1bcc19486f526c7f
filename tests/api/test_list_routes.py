"""What is answered at once is what FastAPI's own route answers, to the byte, and only what is plain is."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp, Message

from api.app import create_app
from api.exchanges import exchange_of
from registry.files import FileStore
from registry.registry import Registry
from registry.settings import open_store
from tests.api.live import settings_for
from tests.builders import a_catalogue, a_connected_model, a_model, publish

QUERIES: list[dict[str, str | list[str]]] = [
    {},
    {"k": "3"},
    {"k": ["1", "2"]},
    {"k": "100", "explain": "true"},
    {"exclude": ["10", "20"], "only": ["10", "20", "30"]},
    {"exclude_seen": "true", "include_unavailable": "yes"},
    {"category": ["Coffee", "Tea"], "max_price": "20"},
    {"category": "Coffee", "min_price": "3", "k": "2"},
    {"unheard_of": "1"},
    {"note": "x" * 200},
    {"k": "0"},
    {"k": ""},
    {"explain": "maybe"},
    {"min_price": "3", "max_price": "2"},
    {"only": ["1"] * 1001},
]
PATHS = [
    "/api/products/popular",
    "/api/products/10/similar",
    "/api/products//similar",
    "/api/products/a/b/similar",
    "/api/products/similar",
    "/api/users/1/recommendations",
    "/api/users/nobody/recommendations",
    "/api/users/2/recommendations\n",
]
BODIES = [
    {"products": ["10"]},
    {"products": ["10", "40", "4711", "é"], "k": 2},
    {"products": ["10"], "k": 2.0, "explain": True},
    {"events": [{"product_id": "10", "event": "view"}], "exclude": ["20"]},
    {"events": [{"product_id": "10", "event": "gift"}]},
    {"products": [], "events": []},
    {"products": ["10"], "k": "2"},
    {"products": ["10"], "min_price": 3, "max_price": 2.5},
    {"products": ["10"], "unheard_of": 1},
    [],
    None,
]
TEXTS = [
    b"",
    b"{",
    b"\xff",
    b'{"products": ["\\ud800"]}',
    b'{"products": ["10"], "max_price": NaN}',
    "{}".encode("utf-16"),
]
TYPES = [b"application/json", b"Application/JSON; charset=utf-8", b"application/problem+json", b"text/plain", b""]


class Sides:
    """One application, with what is plain answered at once and without."""

    def __init__(self, folder: Path) -> None:
        settings = settings_for(folder, access_log="none")
        self.quick, self.slow = (create_app(settings, open_store(settings), None) for _ in range(2))
        quick = self.quick.user_middleware
        self.slow.user_middleware = [one for one in quick if not re.match(r"Middleware\((Plain|Kept)Lists", repr(one))]
        assert len(self.slow.user_middleware) == len(quick) - 2
        for app in (self.quick, self.slow):
            app.state.services.follower.check()

    def same(self, method: str, path: str, **rest: bytes) -> None:
        sides = (self.quick, self.quick, self.slow)
        first, kept, slow = (asyncio.run(asked(app, method, path, **rest)) for app in sides)
        assert first == kept == slow


async def asked(
    app: ASGIApp, method: str, path: str, query: bytes = b"", body: bytes = b"", content_type: bytes = b""
) -> tuple[object, ...]:
    """All that can be seen of an answer: status, headers, body, and what observers are told."""
    sent: list[Message] = []
    received = iter(
        [
            {"type": "http.request", "body": body[:9], "more_body": True},
            {"type": "http.request", "body": body[9:], "more_body": False},
        ]
    )

    async def receive() -> Message:
        return next(received)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"x-request-id", b"1"), (b"content-type", content_type)]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
    scope |= {"raw_path": path.encode(), "root_path": "", "scheme": "http", "http_version": "1.1", "state": {}}
    scope |= {"server": ("api", 80), "client": ("shop", 1)}
    await app(scope, receive, send)
    told = exchange_of(scope)
    return (
        sent[0]["status"],
        sorted(sent[0]["headers"]),
        b"".join(message["body"] for message in sent[1:]),
        (told.route, told.status, told.source, told.n_products, told.model_version),
    )


@pytest.fixture(params=["a shop", "a shop with a catalogue", "twelve products", "no model"])
def sides(request: pytest.FixtureRequest, tmp_path: Path) -> Sides:
    models = {
        "a shop": a_model(),
        "a shop with a catalogue": replace(a_model(), catalogue=a_catalogue()),
        "twelve products": a_connected_model(),
    }
    if request.param in models:
        publish(Registry(FileStore(tmp_path)), models[request.param])
    return Sides(tmp_path)


def test_queries_are_answered_alike(sides: Sides) -> None:
    for path in PATHS:
        for query in QUERIES:
            sides.same("GET", path, query=urlencode(query, doseq=True).encode())


def test_bodies_are_answered_alike(sides: Sides) -> None:
    for content_type in TYPES:
        for body in [*(json.dumps(one).encode() for one in BODIES), *TEXTS]:
            sides.same("POST", "/api/recommendations", body=body, content_type=content_type)


def test_other_methods_are_refused_alike(sides: Sides) -> None:
    for path in (*PATHS, "/api/recommendations"):
        for method in ("HEAD", "POST", "PUT", "OPTIONS"):
            sides.same(method, path, content_type=b"application/json")
