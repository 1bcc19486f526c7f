from dataclasses import replace

import numpy as np
import pytest

from model.neighbours import Neighbours
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ThreadServer
from tests.builders import a_model, publish

TO_USER_2 = {"product_id": "10", "score": 1.8, "source": "personal", "seen": False, "borrowed": False}


def ids(answer: dict[str, object]) -> list[str]:
    items = answer["items"]
    assert isinstance(items, list)
    return [item["product_id"] for item in items]


def test_similar_products_come_best_first_and_name_their_source(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/10/similar?k=2").json()
    assert answer == {
        "items": [
            {"product_id": "20", "score": 0.9, "source": "similar", "seen": False, "borrowed": False},
            {"product_id": "30", "score": 0.5, "source": "similar", "seen": False, "borrowed": False},
        ],
        "source": "similar",
        "confidence": 1.0,
        "model_version": shop.client.get("/api/model").json()["version"],
    }


def test_a_short_list_is_filled_from_popularity_and_says_so(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/10/similar?k=4").json()
    assert ids(answer) == ["20", "30", "50", "40"]
    assert [item["source"] for item in answer["items"]] == ["similar", "similar", "popular", "popular"]
    assert (answer["source"], answer["confidence"]) == ("mixed", 0.5)


def test_a_product_that_few_users_had_borrows_and_says_so(serve: Serve, registry: Registry) -> None:
    rows = np.array([0, 0, 0, 0, 2, 2]), np.array([0, 2], np.int32), np.array([0.25, 0.125], np.float32)
    publish(registry, replace(a_model(), borrowed=Neighbours(*rows)))
    answer = serve().until_ready().client.get("/api/products/40/similar?k=3").json()
    assert [(item["product_id"], item["score"], item["borrowed"]) for item in answer["items"]] == [
        ("10", 0.25, True),
        ("30", 0.125, True),
        ("50", 0.0, False),
    ]
    assert (answer["source"], answer["confidence"]) == ("mixed", 0.0)


def test_a_product_without_neighbours_gets_popular_products(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/40/similar?k=2").json()
    assert (ids(answer), answer["source"]) == (["50", "30"], "popular")


def test_known_user_gets_what_the_history_leads_to(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/users/2/recommendations?k=1").json()
    assert answer["items"] == [TO_USER_2]
    assert (answer["source"], answer["user_known"]) == ("personal", True)


def test_products_the_user_has_come_last_and_are_marked(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/users/2/recommendations?k=5").json()
    assert [item["product_id"] for item in answer["items"] if item["seen"]] == ["20", "40"]
    assert ids(answer)[-2:] == ["20", "40"]


def test_a_model_that_lists_what_is_worth_having_again_does_unless_asked_not_to(
    serve: Serve, registry: Registry
) -> None:
    model = a_model()
    again = np.full(model.histories.n_interactions, 5.0, np.float32)
    publish(registry, replace(model, histories=replace(model.histories, again=again)))
    client = serve().until_ready().client
    answer = client.get("/api/users/2/recommendations?k=3").json()
    assert [(item["product_id"], item["seen"]) for item in answer["items"]] == [
        ("20", True),
        ("40", True),
        ("10", False),
    ]
    assert answer["source"] == "personal"
    fresh = client.get("/api/users/2/recommendations?k=1&exclude_seen=true").json()
    assert fresh["items"] == [TO_USER_2]
    wrong = client.get("/api/users/2/recommendations?exclude_seen=maybe")
    assert wrong.status_code == 422
    assert "exclude_seen" in wrong.json()["detail"]


def test_unknown_user_gets_popular_products_and_is_told_so(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/users/4711/recommendations?k=2").json()
    assert (ids(answer), answer["source"], answer["user_known"]) == (["50", "40"], "popular", False)


def test_popular_products_are_scored_by_their_share_of_the_top(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/popular?k=2").json()
    assert [(item["product_id"], item["score"]) for item in answer["items"]] == [("50", 1.0), ("40", 0.8)]
    assert answer["source"] == "popular"


def test_unknown_product_is_a_404_that_names_it(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/products/4711/similar")
    assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")
    assert "'4711'" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/products/popular", "/api/products/10/similar", "/api/users/1/recommendations"])
def test_a_list_is_as_long_as_the_catalogue_allows(shop: ThreadServer, path: str) -> None:
    most = 4 if "similar" in path else 5
    assert len(shop.client.get(path).json()["items"]) == most
    assert len(shop.client.get(f"{path}?k=100").json()["items"]) == most
    assert len(shop.client.get(f"{path}?k=1").json()["items"]) == 1


@pytest.mark.parametrize("path", ["/api/products/popular", "/api/products/10/similar", "/api/users/1/recommendations"])
@pytest.mark.parametrize("k", ["0", "-1", "101", "1000000000", "9" * 5000, "x", "1.5", "", "nan", "1e9"])
def test_a_wrong_k_is_a_422_that_says_what_it_may_be(shop: ThreadServer, path: str, k: str) -> None:
    answer = shop.client.get(path, params={"k": k})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "k: must be a whole number from 1 to 100, it was" in answer.json()["detail"]
    assert len(answer.content) < 1000
