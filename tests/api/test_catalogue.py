"""What a model that carries the shop's catalogue answers beyond one without: categories, and products without an event.

10, 30 and 60 are coffee and 15 is tea; 15 and 60 are new; 20 is in no category and cannot be bought.
"""

from typing import Any

import httpx

from tests.api.live import ThreadServer


def told(answer: httpx.Response) -> list[tuple[str, float, str]]:
    assert answer.status_code == 200, answer.text
    return [(item["product_id"], item["score"], item["source"]) for item in answer.json()["items"]]


def test_new_products_are_listed_behind_all_that_somebody_had(cafe: ThreadServer) -> None:
    popular = told(cafe.client.get("/api/products/popular?k=100"))
    assert [product_id for product_id, _, _ in popular] == ["50", "40", "30", "10", "15", "60"]
    assert popular[-1] == ("60", 0.0, "popular")


def test_all_of_a_category_that_can_be_bought_are_listed_new_ones_last(cafe: ThreadServer) -> None:
    answer = cafe.client.get("/api/products/popular?category=Coffee&k=3")
    assert [product_id for product_id, _, _ in told(answer)] == ["30", "10", "60"]
    assert answer.json()["source"] == "popular"


def test_a_product_that_nobody_had_yet_is_answered_from_its_category(cafe: ThreadServer) -> None:
    answer = cafe.client.get("/api/products/60/similar?k=3")
    assert told(answer) == [("30", 1.0, "category"), ("10", 0.3333333, "category"), ("50", 0.0, "popular")]
    assert (answer.json()["source"], answer.json()["confidence"]) == ("popular", 0.0)


def test_a_category_fills_a_list_up_before_popular_products_do(cafe: ThreadServer) -> None:
    answer = cafe.client.get("/api/products/10/similar?k=3")
    assert told(answer) == [("30", 0.5, "similar"), ("60", 0.0, "category"), ("50", 0.0, "popular")]
    assert (answer.json()["source"], answer.json()["confidence"]) == ("mixed", 0.33)


def test_what_is_popular_in_a_category_is_explained_by_that(cafe: ThreadServer) -> None:
    items = cafe.client.get("/api/products/60/similar?k=1&explain=true").json()["items"]
    assert items[0]["explanation"] == {"reasons": [], "rest": 0.0, "again": 0.0, "popularity": 1.0}


def test_a_basket_of_new_products_leads_to_their_category(cafe: ThreadServer) -> None:
    body: dict[str, Any] = {"products": ["60", "4711"], "k": 2, "explain": True}
    answer = cafe.client.post("/api/recommendations", json=body)
    assert told(answer) == [("30", 1.0, "category"), ("10", 0.3333333, "category")]
    assert answer.json()["unknown_products"] == ["4711"]


def test_a_new_product_takes_no_part_in_what_led_to_others(cafe: ThreadServer) -> None:
    body: dict[str, Any] = {"products": ["30", "60"], "k": 1, "explain": True}
    (item,) = cafe.client.post("/api/recommendations", json=body).json()["items"]
    assert [(one["product_id"], one["part"]) for one in item["explanation"]["reasons"]] == [("30", 0.5)]
