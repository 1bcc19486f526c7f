"""The id of a request: on its answer, in its errors, and in all that is logged meanwhile."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ADMIN, JSON, ServerProcess, ThreadServer, wait_until
from tests.builders import publish

PATHS = ["/api/products/10/similar", "/api/products/x/similar", "/nope", "/healthz", "/metrics", "/docs/assets/x"]


def asked_with(shop: ThreadServer, path: str, request_id: str) -> httpx.Response:
    return shop.client.get(path, headers={"X-Request-ID": request_id})


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_an_id_of_its_own(shop: ThreadServer, path: str) -> None:
    ids = {shop.client.get(path).headers["X-Request-ID"] for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize(
    "request_id",
    [
        "1",
        "a" * 128,
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "Root=1-67891233-abcdef012345678912345678",
        "Zm9v+/=",
        "a:b.c_d-e",
    ],
)
def test_the_callers_id_is_taken_over(shop: ThreadServer, request_id: str) -> None:
    for path in PATHS:
        assert asked_with(shop, path, request_id).headers.get_list("X-Request-ID") == [request_id]


@pytest.mark.parametrize("request_id", ["", "a" * 129, "a b", 'a"b', "<b>", "$(id)", "a;b", "a\tb", "ü"])
def test_an_id_that_is_not_sane_is_replaced(shop: ThreadServer, request_id: str) -> None:
    answer = shop.client.get("/healthz", headers=[(b"X-Request-ID", request_id.encode())])
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_an_error_tells_its_id_in_its_body_too(shop: ThreadServer) -> None:
    for answer in (
        asked_with(shop, "/nope", "mine"),
        asked_with(shop, "/api/products/x/similar", "mine"),
        shop.client.post("/api/recommendations", content=b"{", headers={**JSON, "X-Request-ID": "mine"}),
        shop.client.post("/api/recommendations", content=b" " * (1 << 21), headers={**JSON, "X-Request-ID": "mine"}),
    ):
        assert answer.status_code >= 400
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "mine"


def test_all_that_is_logged_during_a_request_carries_its_id(tmp_path: Path) -> None:
    """The rollback runs in a thread, and the store's files are gone."""
    store = tmp_path / "store"
    registry = Registry(FileStore(store))
    old, new = publish(registry), publish(registry)
    (store / "models" / old / "model.safetensors").unlink()
    with ServerProcess(tmp_path, {"STORE_URL": store.as_uri()}) as server:
        server.until("/api/model")
        answer = server.client.post("/api/model/rollback", headers={**ADMIN, "X-Request-ID": "the-rollback"})
        assert answer.status_code >= 400
        assert answer.json()["request_id"] == "the-rollback"
        wait_until(lambda: "/api/model/rollback" in server.log)
    lines: list[dict[str, Any]] = [json.loads(line) for line in server.log.splitlines()]
    meanwhile = [line for line in lines if line.get("request_id") == "the-rollback"]
    assert [line["route"] for line in meanwhile if line.get("event") == "request"] == ["/api/model/rollback"]
    started = next(line for line in lines if line["message"].startswith(f"Serving model {new}"))
    assert "request_id" not in started
