"""A user's history with what they did since: `user_id` in the body of a basket or a session."""

from dataclasses import replace

import numpy as np
import pytest

from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer
from tests.builders import a_model, publish

VIEW_OF_30 = {"product_id": "30", "event": "view"}


def ask(server: ThreadServer, **body: object) -> dict[str, object]:
    answer = server.client.post("/api/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def scores(answer: dict[str, object]) -> list[tuple[str, float]]:
    items = answer["items"]
    assert isinstance(items, list)
    return [(item["product_id"], item["score"]) for item in items]


def test_what_a_user_did_since_adds_to_what_the_model_knows_of_them(shop: ThreadServer) -> None:
    answer = ask(shop, user_id="2", events=[VIEW_OF_30], k=1)
    assert scores(answer) == [("10", 1.95)]  # 20 with weight 2.0 at 0.9, and 30 with 0.3 at 0.5
    assert (answer["source"], answer["user_known"]) == ("personal", True)


def test_weights_of_a_product_that_stands_in_both_add_up(shop: ThreadServer) -> None:
    assert scores(ask(shop, user_id="2", products=["20"], k=1)) == [("10", 2.7)]


def test_nothing_since_is_the_users_own_list(shop: ThreadServer) -> None:
    own = shop.client.get("/api/users/2/recommendations?k=5").json()
    assert ask(shop, user_id="2", events=[], k=5)["items"] == own["items"]


def test_products_of_the_history_and_of_the_session_are_seen(shop: ThreadServer) -> None:
    items = ask(shop, user_id="2", events=[VIEW_OF_30], k=5)["items"]
    assert isinstance(items, list)
    assert [item["product_id"] for item in items if item["seen"]] == ["20", "30", "40"]


def test_an_explanation_names_products_of_the_history_and_of_the_session(shop: ThreadServer) -> None:
    items = ask(shop, user_id="2", events=[VIEW_OF_30], k=1, explain=True)["items"]
    assert isinstance(items, list)
    reasons = items[0]["explanation"]["reasons"]
    assert [(one["product_id"], one["part"]) for one in reasons] == [("20", 1.8), ("30", 0.15)]


def test_of_an_unknown_user_the_session_is_all_and_the_answer_says_so(shop: ThreadServer) -> None:
    answer = ask(shop, user_id="4711", events=[VIEW_OF_30], k=1)
    assert scores(answer) == [("10", 0.15)]
    assert (answer["source"], answer["user_known"]) == ("session", False)


@pytest.mark.parametrize("body", [{}, {"user_id": None}])
def test_nothing_is_said_of_a_user_whom_nobody_named(shop: ThreadServer, body: dict[str, object]) -> None:
    assert "user_known" not in ask(shop, products=["20"], **body)


def test_of_an_erased_user_the_session_is_all(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    assert ask(server, user_id="2", events=[VIEW_OF_30], k=1)["user_known"]
    assert server.client.delete("/api/users/2", headers=ADMIN).status_code == 204
    answer = ask(server, user_id="2", events=[VIEW_OF_30], k=1)
    assert (scores(answer), answer["user_known"]) == ([("10", 0.15)], False)


def test_what_is_worth_having_again_is_listed_unless_left_out(serve: Serve, registry: Registry) -> None:
    model = a_model()
    again = np.full(model.histories.n_interactions, 5.0, np.float32)
    publish(registry, replace(model, histories=replace(model.histories, again=again)))
    server = serve().until_ready()
    assert scores(ask(server, user_id="2", events=[VIEW_OF_30], k=3)) == [("20", 5.0), ("40", 5.0), ("10", 1.95)]
    assert scores(ask(server, user_id="2", events=[VIEW_OF_30], k=1, exclude_seen=True)) == [("10", 1.95)]


@pytest.mark.parametrize("user_id", [2, ["2"], "2" * 1001])
def test_a_wrong_user_id_is_a_422_that_names_it(shop: ThreadServer, user_id: object) -> None:
    answer = shop.client.post("/api/recommendations", json={"products": ["20"], "user_id": user_id})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "user_id"
