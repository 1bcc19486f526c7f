"""Which products clients want: by query on every list, by members in a body; and what a wrong filter is told."""

import json
from typing import Any

import httpx
import pytest

from tests.api.live import JSON, ThreadServer

LISTS = ["/api/products/popular", "/api/products/50/similar", "/api/users/1/recommendations"]


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["product_id"] for item in answer.json()["items"]]


def ask(server: ThreadServer, **body: object) -> httpx.Response:
    return server.client.post("/api/recommendations", content=json.dumps(body), headers=JSON)


@pytest.mark.parametrize("path", LISTS)
def test_what_cannot_be_bought_is_listed_only_if_asked_for(cafe: ThreadServer, path: str) -> None:
    assert "20" not in ids(cafe.client.get(path))
    assert "20" in ids(cafe.client.get(path, params={"include_unavailable": True}))
    body = {"products": ["50"]}
    assert "20" not in ids(ask(cafe, **body))
    assert "20" in ids(ask(cafe, **body, include_unavailable=True))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"category": ["Coffee"]}, {"10", "30"}),
        ({"category": ["Coffee", "Tea"]}, {"10", "30"}),
        ({"category": ["coffee"]}, set()),
        ({"min_price": 18.5}, {"10"}),
        ({"max_price": 18.49}, set()),
        ({"min_price": 0, "include_unavailable": True}, {"10", "20"}),
        ({"exclude": ["30", "50", "x"]}, {"10", "40"}),
        ({"only": ["30", "40", "x"]}, {"30", "40"}),
        ({"only": ["30", "40"], "exclude": ["40"], "category": ["Coffee"]}, {"30"}),
    ],
    ids=str,
)
def test_only_what_is_wanted_is_listed(cafe: ThreadServer, given: dict[str, Any], expected: set[str]) -> None:
    for path in LISTS:
        asked_about = {"50"} if "similar" in path else set()
        assert set(ids(cafe.client.get(path, params=given))) & {"10", "20", "30", "40", "50"} == expected - asked_about
    assert set(ids(ask(cafe, products=["50"], **given))) & {"10", "20", "30", "40", "50"} == expected


def test_a_list_is_as_long_as_asked_whatever_is_left_out_before_it(cafe: ThreadServer) -> None:
    assert ids(cafe.client.get("/api/products/popular?k=2&exclude=50&exclude=40")) == ["30", "10"]
    assert ids(cafe.client.get("/api/products/10/similar?k=2")) == ["30", "60"]


def test_an_empty_list_of_what_may_be_listed_gets_an_empty_list(cafe: ThreadServer) -> None:
    answer = ask(cafe, products=["20"], only=[])
    assert (ids(answer), answer.json()["confidence"]) == ([], 0.0)


@pytest.mark.parametrize("field", ["category", "min_price", "max_price"])
def test_a_model_without_a_catalogue_says_what_it_cannot_tell(shop: ThreadServer, field: str) -> None:
    for path in LISTS:
        answer = shop.client.get(path, params={field: "3"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert f"{field}: cannot be told, since the model was trained without a catalogue" in answer.json()["detail"]
    answer = ask(shop, products=["20"], **{field: ["3"] if field == "category" else 3})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_allow_and_deny_lists_need_no_catalogue(shop: ThreadServer) -> None:
    assert ids(shop.client.get("/api/products/popular?only=20&only=30&exclude=30")) == ["20"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"min_price": "x"}, "min_price: "),
        ({"min_price": "nan"}, "min_price: "),
        ({"max_price": "-1"}, "max_price: input should be greater than or equal to 0, it was '-1'"),
        ({"max_price": "inf"}, "max_price: "),
        ({"min_price": "3", "max_price": "2"}, "min_price: must not be above max_price, it was 3.0"),
        ({"include_unavailable": "maybe"}, "include_unavailable: "),
        ({"exclude": ["1"] * 1001}, "exclude: list should have at most 1000 items"),
        ({"only": ["1"] * 1001}, "only: list should have at most 1000 items"),
        ({"category": ["1" * 1001]}, "category[0]: string should have at most 1000 characters"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_wrong_filter_is_a_422_that_names_it(cafe: ThreadServer, given: dict[str, Any], said: str) -> None:
    for path in LISTS:
        answer = cafe.client.get(path, params=given)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert said in answer.json()["detail"]
