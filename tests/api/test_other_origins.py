import httpx
import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, JSON, ThreadServer
from tests.builders import publish

SHOP = "https://shop.example.com"
EVIL = "https://evil.example.com"
LISTS = ["/api/products/popular", "/api/products/10/similar", "/api/users/1/recommendations"]


@pytest.fixture
def opened(serve: Serve, registry: Registry) -> ThreadServer:
    publish(registry)
    return serve(cors_origins=SHOP).until_ready()


def preflight(server: ThreadServer, path: str, origin: str, method: str = "POST", **more: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": method, **more}
    return server.client.options(path, headers=headers)


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_an_origin_that_is_listed_may_read_lists(opened: ThreadServer, path: str) -> None:
    answer = opened.client.get(path, headers={"Origin": SHOP})
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_a_page_of_an_origin_that_is_listed_may_send_a_basket(opened: ThreadServer) -> None:
    path = "/api/recommendations"
    asked = preflight(opened, path, SHOP, **{"Access-Control-Request-Headers": "content-type"})
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, POST"
    answer = opened.client.post(path, json={"products": ["10"]}, headers={"Origin": SHOP})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, SHOP)


def test_a_page_may_read_problems_too(opened: ThreadServer) -> None:
    for answer in (
        opened.client.get("/api/products/x/similar", headers={"Origin": SHOP}),
        opened.client.post("/api/recommendations", content=b"{", headers={"Origin": SHOP, **JSON}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize(
    ("origin", "method", "more"),
    [
        (EVIL, "POST", {}),
        (SHOP, "DELETE", {}),
        (SHOP, "POST", {"Access-Control-Request-Headers": "authorization"}),
    ],
)
def test_what_goes_further_is_a_problem(opened: ThreadServer, origin: str, method: str, more: dict[str, str]) -> None:
    answer = preflight(opened, "/api/recommendations", origin, method, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, "origin_refused")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/model", "/api/model/rollback", "/metrics", "/api/health"])
def test_no_other_route_is_opened_to_any_page(opened: ThreadServer, path: str) -> None:
    answer = preflight(opened, path, SHOP)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    asked = opened.client.get(path, headers={"Origin": SHOP, **ADMIN})
    assert not [name for name in asked.headers if name.startswith("access-control")]


def test_another_origin_gets_no_leave(opened: ThreadServer) -> None:
    answer = opened.client.get("/api/products/popular", headers={"Origin": EVIL})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_by_default_no_page_gets_leave(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/popular", headers={"Origin": SHOP})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert preflight(shop, "/api/recommendations", SHOP).status_code == 405


def test_any_page_may_where_the_setting_says_so(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve(cors_origins="*").until_ready()
    answer = server.client.get("/api/products/popular", headers={"Origin": EVIL})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
