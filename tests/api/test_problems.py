import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import Depends
from starlette.responses import Response
from starlette.types import Message

from api.problems import UnexpectedErrors
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, JSON, ThreadServer
from tests.builders import publish

MEBIBYTE = 1 << 20


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(body) >= {"type", "title", "status", "code", "detail"}
    assert body["type"].endswith(body["code"])
    return (answer.status_code, body["status"], body["code"]) == (status, status, code)


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/products/popular/", "/api/products/17", "/docs/assets/x.js"])
def test_an_unknown_path_is_a_problem(shop: ThreadServer, path: str) -> None:
    assert is_problem(shop.client.get(path), 404, "route_not_found")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/model"), ("GET", "/api/recommendations")])
def test_a_wrong_method_is_a_problem_that_names_the_right_one(shop: ThreadServer, method: str, path: str) -> None:
    answer = shop.client.request(method, path)
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'{"products": [1}', b"text", b"'", b"{" * 10])
def test_a_body_that_is_not_json_is_a_problem(shop: ThreadServer, body: bytes) -> None:
    answer = shop.client.post("/api/recommendations", content=body, headers=JSON)
    assert answer.status_code == 400
    assert is_problem(answer, 400, answer.json()["code"])
    assert len(answer.content) < 1000


def test_a_cut_off_body_is_told_where_it_breaks(shop: ThreadServer) -> None:
    answer = shop.client.post("/api/recommendations", content=b'{"products": [', headers=JSON)
    assert is_problem(answer, 400, "invalid_json")
    assert "at character 14" in answer.json()["detail"]


@pytest.mark.parametrize("depth", [10, 500, 900, 950, 980, 990, 1000, 2000])
def test_a_deeply_nested_body_is_a_problem(shop: ThreadServer, depth: int) -> None:
    body = b'{"products": ' + b"[" * depth + b"]" * depth + b"}"
    answer = shop.client.post("/api/recommendations", content=body, headers=JSON)
    assert answer.status_code in {400, 422}
    assert is_problem(answer, answer.status_code, answer.json()["code"])


def test_numbers_that_json_does_not_have_are_wrong_values(shop: ThreadServer) -> None:
    answer = shop.client.post("/api/recommendations", content=b'{"products": [NaN], "k": Infinity}', headers=JSON)
    assert is_problem(answer, 422, "invalid_request")


def test_no_body_is_a_wrong_request(shop: ThreadServer) -> None:
    answer = shop.client.post("/api/recommendations", headers=JSON)
    assert is_problem(answer, 422, "invalid_request")
    assert answer.json()["detail"] == "body: field required"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
def test_json_that_is_not_said_to_be_json_is_a_problem(shop: ThreadServer, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = shop.client.post("/api/recommendations", content=b'{"products": ["10"]}', headers=headers)
    assert is_problem(answer, 415, "body_not_json_type")
    assert "application/json" in answer.json()["detail"]


def body_of(size: int) -> bytes:
    return b'{"products": ["10"]}'.ljust(size)


def in_pieces(size: int) -> Iterator[bytes]:
    whole = body_of(size)
    for start in range(0, size, 100_000):
        yield whole[start : start + 100_000]


def test_a_body_of_just_the_limit_is_taken(shop: ThreadServer) -> None:
    assert shop.client.post("/api/recommendations", content=body_of(MEBIBYTE), headers=JSON).status_code == 200
    assert shop.client.post("/api/recommendations", content=in_pieces(MEBIBYTE), headers=JSON).status_code == 200


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 5 * MEBIBYTE])
@pytest.mark.parametrize("path", ["/api/recommendations", "/api/model/rollback"])
def test_a_larger_body_is_refused_however_it_comes(shop: ThreadServer, size: int, path: str) -> None:
    for content in (body_of(size), in_pieces(size)):
        answer = shop.client.post(path, content=content, headers={**JSON, **ADMIN})
        assert is_problem(answer, 413, "body_too_large")
    assert shop.client.get("/healthz").status_code == 200


def test_a_body_announced_as_too_large_is_not_waited_for(shop: ThreadServer) -> None:
    head = "POST /api/recommendations HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shop.port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 70_000,
        b"POST /api/recommendations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["nonsense", "a long header", "headers without end", "a negative length"],
)
def test_what_is_not_http_is_a_problem(shop: ThreadServer, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shop.port), timeout=5) as connection:
        connection.sendall(sent)
        received = connection.recv(2000)
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"application/problem+json" in received
    assert b'"code":"bad_request"' in received


def test_an_unforeseen_error_is_logged_and_told_without_its_trace(
    serve: Serve, registry: Registry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    version = publish(registry)
    server = serve().until_ready()

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr("api.product_routes.popular_in_full", fail)
    answer = server.client.get("/api/products/popular")
    assert is_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == ["GET /api/products/popular failed with ZeroDivisionError"]
    assert errors[0].exc_info is not None
    labels = f'method="GET",route="/api/products/popular",status="500",model_version="{version}"'
    assert server.metric(f"http_requests_total{{{labels}}}") == 1


FAILURES = [
    RecursionError("a secret"),
    MemoryError("a secret"),
    KeyError("a secret"),
    OSError(2, "a secret", "/etc/secret"),
    UnicodeEncodeError("utf-8", "a secret", 0, 1, "a secret"),
    ExceptionGroup("a secret", [ValueError("a secret")]),
    AssertionError("a secret"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=[type(one).__name__ for one in FAILURES])
@pytest.mark.parametrize("where", ["a route", "a route in a thread", "a dependency", "an answer"])
def test_no_client_is_ever_told_a_stack_trace(serve: Serve, failure: Exception, where: str) -> None:
    def fail() -> None:
        raise failure

    async def fail_at_once() -> None:
        raise failure

    class Unanswerable(Response):
        def render(self, content: object) -> bytes:  # noqa: ARG002 (Starlette's signature)
            raise failure

    server = serve()
    routes: dict[str, dict[str, Any]] = {
        "a route": {"endpoint": fail_at_once},
        "a route in a thread": {"endpoint": fail},
        "a dependency": {"endpoint": lambda: None, "dependencies": [Depends(fail)]},
        "an answer": {"endpoint": lambda: None, "response_class": Unanswerable},
    }
    server.app.add_api_route("/broken", **routes[where])
    answer = server.client.get("/broken")
    assert is_problem(answer, 500, "internal_error")
    for told in ("secret", "Traceback", ".py", type(failure).__name__):
        assert told not in answer.text + str(answer.headers)


def test_an_error_after_the_answer_began_breaks_the_connection_off() -> None:
    async def begin_and_fail(_scope: object, _receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 200})
        raise ZeroDivisionError

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def note(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/"}
    with pytest.raises(ZeroDivisionError):
        asyncio.run(UnexpectedErrors(begin_and_fail)(scope, nothing, note))
    assert [message["type"] for message in sent] == ["http.response.start"]
