"""Why a product stands in a list, as clients are told."""

import pytest

from tests.api.live import ThreadServer

NOTHING = {"reasons": [], "rest": 0.0, "again": 0.0, "popularity": 0.0}


def test_the_product_asked_about_is_the_reason_for_a_similar_one(shop: ThreadServer) -> None:
    items = shop.client.get("/api/products/10/similar?k=3&explain=true").json()["items"]
    reason = {"product_id": "10", "part": 0.9, "shoppers": 1}
    assert items[0]["explanation"] == {**NOTHING, "reasons": [reason]}
    assert items[2]["explanation"] == NOTHING


def test_a_basket_is_told_which_of_its_products_led_to_an_answer(shop: ThreadServer) -> None:
    asked = {"products": ["20", "30", "50"], "k": 1, "explain": True}
    (item,) = shop.client.post("/api/recommendations", json=asked).json()["items"]
    reasons = item["explanation"]["reasons"]
    assert [(one["product_id"], one["part"]) for one in reasons] == [("20", 0.9), ("30", 0.5)]
    assert sum(one["part"] for one in reasons) == pytest.approx(item["score"])


def test_a_user_is_told_what_in_the_history_led_to_an_answer(shop: ThreadServer) -> None:
    (item,) = shop.client.get("/api/users/2/recommendations?k=1&explain=true").json()["items"]
    assert item["explanation"]["reasons"] == [{"product_id": "20", "part": 1.8, "shoppers": 1}]


@pytest.mark.parametrize("path", ["/api/products/10/similar", "/api/users/1/recommendations"])
def test_nothing_is_explained_unless_asked_for(shop: ThreadServer, path: str) -> None:
    assert all("explanation" not in item for item in shop.client.get(path).json()["items"])
