import json
from typing import Any

import httpx
import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import JSON, ThreadServer
from tests.builders import publish


def ask(server: ThreadServer, body: object) -> httpx.Response:
    return server.client.post("/api/recommendations", content=json.dumps(body), headers=JSON)


def scores(answer: httpx.Response) -> list[tuple[str, float]]:
    return [(item["product_id"], item["score"]) for item in answer.json()["items"]]


def test_a_basket_leads_to_its_products_neighbours(shop: ThreadServer) -> None:
    answer = ask(shop, {"products": ["20", "30"], "k": 1})
    assert scores(answer) == [("10", 1.4)]
    assert (answer.json()["source"], answer.json()["unknown_products"]) == ("session", [])


def test_products_of_the_basket_come_last_and_are_marked(shop: ThreadServer) -> None:
    items = ask(shop, {"products": ["20", "50"], "k": 5}).json()["items"]
    assert [item["product_id"] for item in items] == ["10", "40", "30", "20", "50"]
    assert [item["seen"] for item in items] == [False, False, False, True, True]


def test_events_count_by_the_weights_that_the_model_was_trained_with(shop: ThreadServer) -> None:
    view = ask(shop, {"events": [{"product_id": "20", "event": "view"}], "k": 1})
    purchase = ask(shop, {"events": [{"product_id": "20", "event": "purchase"}], "k": 1})
    assert (scores(view), scores(purchase)) == ([("10", 0.27)], [("10", 0.9)])


def test_events_of_one_product_add_up(shop: ThreadServer) -> None:
    events = [{"product_id": "20", "event": "view"}, {"product_id": "20", "event": "purchase"}]
    assert scores(ask(shop, {"events": events, "k": 1})) == [("10", 1.17)]


def test_an_event_kind_of_weight_zero_did_not_happen(serve: Serve, registry: Registry) -> None:
    publish(registry, event_weights={"purchase": 1.0, "view": 0.0})
    server = serve().until_ready()
    answer = ask(server, {"events": [{"product_id": "20", "event": "view"}], "k": 1}).json()
    assert answer["source"] == "popular"


def test_a_kind_that_a_shop_added_counts_as_it_did_in_training(serve: Serve, registry: Registry) -> None:
    publish(registry, event_weights={"purchase": 1.0, "view": 0.3, "cart": 0.5})
    server = serve().until_ready()
    answer = ask(server, {"events": [{"product_id": "20", "event": "cart"}], "k": 1})
    assert scores(answer) == [("10", 0.45)]


def test_unknown_products_are_ignored_and_listed_once(shop: ThreadServer) -> None:
    answer = ask(shop, {"products": ["x", "20", "x", "020"], "k": 1})
    assert scores(answer) == [("10", 0.9)]
    assert answer.json()["unknown_products"] == ["x", "020"]


@pytest.mark.parametrize("body", [{"products": ["x"]}, {"products": []}, {"events": []}])
def test_nothing_known_gets_popular_products(shop: ThreadServer, body: dict[str, Any]) -> None:
    answer = ask(shop, {**body, "k": 1}).json()
    assert (answer["items"][0]["product_id"], answer["source"]) == ("50", "popular")


def test_a_whole_number_may_be_written_with_a_point(shop: ThreadServer) -> None:
    answer = shop.client.post("/api/recommendations", content=b'{"products": ["20"], "k": 2.0}', headers=JSON)
    assert len(answer.json()["items"]) == 2


def test_ten_products_are_given_where_k_is_not(shop: ThreadServer) -> None:
    assert len(ask(shop, {"products": ["20"]}).json()["items"]) == 5


def test_a_thousand_products_are_taken_and_one_more_is_not(shop: ThreadServer) -> None:
    assert ask(shop, {"products": ["20"] * 1000}).status_code == 200
    answer = ask(shop, {"products": ["20"] * 1001})
    assert answer.status_code == 422
    assert "products: list should have at most 1000 items" in answer.json()["detail"]


WRONG: list[tuple[object, str]] = [
    ({}, "body: give either `products` or `events`"),
    ({"k": 3}, "body: give either `products` or `events`"),
    ({"products": ["1"], "events": []}, "body: give either `products` or `events`"),
    ({"products": None}, "products: input should be a valid list, it was null"),
    ({"products": "17"}, "products: input should be a valid list, it was '17'"),
    ({"products": {"17": 1}}, "products: input should be a valid list, it was an object of 1"),
    ({"products": [17]}, "products[0]: input should be a valid string, it was 17"),
    ({"products": ["\ud800"]}, "products[0]: input should be a valid string, unable to parse raw data as a unicode"),
    ({"products": ["1", ["2", "3"]]}, "products[1]: input should be a valid string, it was a list of 2"),
    ({"products": ["1" * 1001]}, "products[0]: string should have at most 1000 characters"),
    ({"products": ["1"], "k": "10"}, "k: must be a whole number from 1 to 100, it was '10'"),
    ({"products": ["1"], "k": True}, "k: must be a whole number from 1 to 100, it was true"),
    ({"products": ["1"], "k": 1.5}, "k: must be a whole number from 1 to 100, it was 1.5"),
    ({"products": ["1"], "k": -1.0}, "k: must be a whole number from 1 to 100, it was -1.0"),
    ({"products": ["1"], "k": 0}, "k: must be a whole number from 1 to 100, it was 0"),
    ({"products": ["1"], "k": 10**300}, "k: must be a whole number from 1 to 100, it was 1000"),
    ({"products": ["1"], "n": 1}, "n: extra inputs are not permitted"),
    ({"events": [{"product_id": "1"}]}, "events[0].event: field required"),
    ({"events": [{"product_id": 1, "event": "view"}]}, "events[0].product_id: input should be a valid string"),
    (
        {"events": [{"product_id": "1", "event": "cart"}]},
        "events[0].event: must be a kind of event that the model was trained on: purchase, view",
    ),
    ({"events": ["1"]}, "events[0]: input should be"),
    ([], "body: input should be"),
    ("text", "body: input should be"),
    (3, "body: input should be"),
]


@pytest.mark.parametrize(("body", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_body_is_a_422_that_names_the_field_and_what_it_may_be(
    shop: ThreadServer, body: object, said: str
) -> None:
    answer = ask(shop, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert said in answer.json()["detail"]


def test_a_thousand_mistakes_get_a_short_answer(shop: ThreadServer) -> None:
    answer = ask(shop, {"products": [[["x" * 500]]] * 1000, "x" * 100_000: "y" * 100_000})
    assert answer.status_code == 422
    assert len(answer.content) < 4000
