import httpx
import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, TOKEN, ThreadServer
from tests.builders import publish

TOKENS = ["old-one", "new-one", "looking", TOKEN]
ROUTES = [("POST", "/api/model/retrain"), ("POST", "/api/model/rollback"), ("GET", "/api/model/runs/x")]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}".strip()}


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


@pytest.mark.parametrize("token", ["plain", "ümlaut-令牌", " from-a-file \n"])
def test_the_right_token_is_let_in_whatever_it_is(serve: Serve, registry: Registry, token: str) -> None:
    for _ in range(2):
        publish(registry)
    server = serve(admin_token=token)
    header = b"Bearer " + token.strip().encode()
    answer = server.client.post("/api/model/rollback", headers=httpx.Headers([(b"Authorization", header)]))
    assert answer.status_code == 200


@pytest.mark.parametrize("token", TOKENS)
def test_each_of_several_tokens_is_let_in(serve: Serve, token: str) -> None:
    server = serve(admin_token=f"old-one, ci new-one\nlook metrics looking\n{TOKEN}")
    asked = server.client.get("/api/model/runs/x", headers=bearer(token))
    assert asked.status_code == 404
    for wrong in ("", "ci", "old-on", "ci new-one", "old-one, ci new-one"):
        assert server.client.get("/api/model/runs/x", headers=bearer(wrong)).status_code == 401


@pytest.mark.parametrize("path", ["/api/model/retrain", "/api/model/rollback"])
def test_a_token_for_looking_changes_no_model(serve: Serve, path: str) -> None:
    server = serve(admin_token=f"{TOKEN}, look metrics looking", metrics_token="scraping")
    for token in ("looking", "scraping"):
        answer = server.client.post(path, headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_refused")
    assert server.client.post("/api/model/rollback", headers=ADMIN).json()["code"] == "version_refused"


def test_metrics_are_open_until_they_have_a_token(serve: Serve) -> None:
    assert serve(admin_token=f"{TOKEN}, look metrics looking").client.get("/metrics").status_code == 200
    server = serve(admin_token=f"{TOKEN}, look metrics looking", metrics_token="scraping\n")
    for token in ("", "wrong", "scrapin"):
        answer = server.client.get("/metrics", headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authorized")
    for token in ("scraping", "looking", TOKEN):
        assert server.client.get("/metrics", headers=bearer(token)).text.startswith("# HELP")


def test_metrics_may_have_a_token_where_the_admin_routes_are_closed(serve: Serve) -> None:
    server = serve(admin_token=None, metrics_token="scraping")
    assert server.client.get("/metrics", headers=bearer("scraping")).status_code == 200
    assert server.client.get("/api/model/runs/x", headers=bearer("scraping")).json()["code"] == "admin_disabled"


def test_whoever_asks_too_often_has_to_wait(serve: Serve) -> None:
    server = serve(admin_requests_per_minute=3)
    codes = [server.client.get("/api/model/runs/x", headers=ADMIN).json()["code"] for _ in range(4)]
    assert codes == ["run_not_found"] * 3 + ["too_many_requests"]
    answer = server.client.post("/api/model/retrain", headers=ADMIN)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert server.client.get("/api/products/popular").status_code == 503  # no model yet, and no limit


def test_whoever_guesses_is_not_told_of_a_right_guess_after_too_many_wrong_ones(serve: Serve) -> None:
    server = serve(admin_requests_per_minute=3, metrics_token="scraping")
    for _ in range(30):
        assert server.client.get("/metrics", headers=bearer("scraping")).status_code == 200
    statuses = [server.client.get("/metrics", headers=bearer("guess")).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    assert server.client.get("/metrics", headers=bearer("scraping")).status_code == 429


def test_nobody_needs_a_token_to_ask_for_products(shop: ThreadServer) -> None:
    assert shop.client.get("/api/products/popular").status_code == 200
    assert shop.client.get("/api/model").status_code == 200
