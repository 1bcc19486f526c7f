import httpx
import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, TOKEN, ThreadServer
from tests.builders import publish

ROUTES = [("POST", "/api/model/retrain"), ("POST", "/api/model/rollback"), ("GET", "/api/model/runs/x")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN],
)
def test_a_missing_or_wrong_token_is_refused(shop: ThreadServer, method: str, path: str, header: str) -> None:
    answer = shop.client.request(method, path, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_in_the_settings_nobody_gets_in(serve: Serve, method: str, path: str) -> None:
    server = serve(admin_token=None)
    for header in ({}, ADMIN, {"Authorization": "Bearer None"}):
        answer = server.client.request(method, path, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (403, "admin_disabled")
        assert "ADMIN_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["plain", "ümlaut-令牌", " from a file \n"])
def test_the_right_token_is_let_in_whatever_it_is(serve: Serve, registry: Registry, token: str) -> None:
    for _ in range(2):
        publish(registry)
    server = serve(admin_token=token)
    header = b"Bearer " + token.strip().encode()
    answer = server.client.post("/api/model/rollback", headers=httpx.Headers([(b"Authorization", header)]))
    assert answer.status_code == 200


def test_a_blank_token_is_none(serve: Serve) -> None:
    answer = serve(admin_token="  ").client.post("/api/model/retrain", headers={"Authorization": "Bearer"})
    assert answer.status_code == 403


def test_nobody_needs_a_token_to_ask_for_products(shop: ThreadServer) -> None:
    assert shop.client.get("/api/products/popular").status_code == 200
    assert shop.client.get("/api/model").status_code == 200
