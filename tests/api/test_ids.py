import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import JSON, ThreadServer, settings_for
from tests.builders import a_model, publish, string_ids

STRANGE = [
    "",
    "/",
    "a/b",
    "a//b/",
    "50%",
    "%2F",
    "%",
    "x/similar",
    "popular",
    "similar",
    "../model",
    "a b+c",
    "?k=3",
    "#top",
    "日本語 🎁",
    "é",
    "e\u0301",
    "line\nend",
    "\n",
    "tab\t",
    "\x00",
    '"quoted"',
    "x" * 300,
    "ü" * 300,
]


@pytest.fixture(scope="module")
def strange_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadServer]:
    """A shop whose products and users have strange ids; each product's one neighbour is the next of them."""
    folder = tmp_path_factory.mktemp("strange") / "store"
    ids = string_ids(STRANGE)
    following = {row: {(row + 1) % len(ids): 0.5} for row in range(len(ids))}
    model = a_model(
        products=ids, users=ids, neighbours=following, histories={row: {row: 1.0} for row in range(len(ids))}
    )
    publish(Registry(FileStore(folder)), model)
    server = ThreadServer(settings_for(folder)).until_ready()
    yield server
    server.end()


def get(server: ThreadServer, path: str) -> tuple[int, Any]:
    status, body = server.raw_get(path)
    return status, json.loads(body)


def neighbour_of(product_id: str) -> str:
    ordered = sorted(STRANGE, key=str.encode)
    return ordered[(ordered.index(product_id) + 1) % len(ordered)]


@pytest.mark.parametrize("product_id", STRANGE)
def test_a_strange_product_id_is_found_and_given_back_as_it_is(strange_shop: ThreadServer, product_id: str) -> None:
    status, answer = get(strange_shop, f"/api/products/{quote(product_id, safe='')}/similar?k=1")
    assert status == 200
    assert answer["items"][0]["product_id"] == neighbour_of(product_id)
    assert answer["source"] == "similar"


@pytest.mark.parametrize("user_id", STRANGE)
def test_a_strange_user_id_is_found(strange_shop: ThreadServer, user_id: str) -> None:
    status, answer = get(strange_shop, f"/api/users/{quote(user_id, safe='')}/recommendations?k=1")
    assert (status, answer["user_known"]) == (200, True)
    assert answer["items"][0]["product_id"] == neighbour_of(user_id)


@pytest.mark.parametrize("product_id", STRANGE)
def test_a_strange_id_in_a_body_is_found(strange_shop: ThreadServer, product_id: str) -> None:
    answer = strange_shop.client.post("/api/recommendations", json={"products": [product_id], "k": 1}).json()
    assert (answer["items"][0]["product_id"], answer["unknown_products"]) == (neighbour_of(product_id), [])


def test_slashes_may_stand_as_they_are(strange_shop: ThreadServer) -> None:
    assert get(strange_shop, "/api/products/a/b/similar?k=1")[1]["items"][0]["product_id"] == neighbour_of("a/b")


@pytest.mark.parametrize(
    "product_id",
    ["", "%00", "%FF%FE", "%C3%28", "a/b", "50%25", "50%", "%zz", "017", "+10", "1_0", "%D9%A1%D9%A0", "9" * 40],
)
def test_an_id_that_names_nothing_is_a_404(shop: ThreadServer, product_id: str) -> None:
    status, problem = get(shop, f"/api/products/{product_id}/similar")
    assert (status, problem["code"]) == (404, "product_not_found")


def test_an_id_of_60_kilobytes_is_a_404_that_does_not_give_it_back(shop: ThreadServer) -> None:
    status, problem = get(shop, f"/api/products/{'x' * 60_000}/similar")
    assert (status, problem["code"]) == (404, "product_not_found")
    assert "60,000 characters" in problem["detail"]
    assert len(problem["detail"]) < 300
    assert get(shop, f"/api/users/{'x' * 60_000}/recommendations")[1]["user_known"] is False


@pytest.mark.parametrize("path", ["/api/products/{}/similar", "/api/users/{}/recommendations", "/{}", "/?k={}"])
def test_a_path_of_100_kilobytes_is_refused(shop: ThreadServer, path: str) -> None:
    status, problem = get(shop, path.format("x" * 100_000))
    assert (status, problem["code"]) == (400, "bad_request")
    assert "65,536 bytes" in problem["detail"]


@given(user_id=st.text(max_size=50), product_id=st.text(max_size=50))
@example(user_id="..", product_id=".")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_id_breaks_the_server(shop: ThreadServer, user_id: str, product_id: str) -> None:
    known = {"1", "2", "3"}
    status, answer = get(shop, f"/api/users/{quote(user_id, safe='')}/recommendations?k=1")
    assert (status, answer["user_known"]) == (200, user_id in known)
    sent = {"products": [product_id], "k": 1}
    answer = shop.client.post("/api/recommendations", content=json.dumps(sent), headers=JSON).json()
    assert answer["unknown_products"] == ([] if product_id in {"10", "20", "30", "40", "50"} else [product_id])
