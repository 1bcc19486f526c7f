from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from api.answers import BatchOfLists
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer
from tests.builders import a_catalogue, a_connected_model, a_model, publish

BATCH = "/api/recommendations/batch"


def lists_of(server: ThreadServer, **asked: object) -> list[dict[str, Any]]:
    answer = server.client.post(BATCH, json=asked)
    assert answer.status_code == 200, answer.text
    BatchOfLists.model_validate(answer.json())
    assert answer.json()["model_version"] == answer.headers["X-Model-Version"]
    found: list[dict[str, Any]] = answer.json()["lists"]
    return found


def test_each_user_gets_the_list_of_the_users_own_route_in_the_order_asked(shop: ThreadServer) -> None:
    users = ["3", "nobody", "1", "2", "1", '"\n']
    found = lists_of(shop, users=users, k=4)
    assert [one.pop("user_id") for one in found] == users
    assert found == [
        shop.client.get(f"/api/users/{user}/recommendations?k=4").json() for user in ["3", "x", "1", "2", "1", "x"]
    ]
    assert [one["user_known"] for one in found] == [True, False, True, True, True, False]


def test_filters_hold_for_all_lists(serve: Serve, registry: Registry) -> None:
    publish(registry, replace(a_model(), catalogue=a_catalogue()))
    server = serve().until_ready()
    found = lists_of(server, users=["1", "nobody"], category=["Coffee"], exclude=["10"])
    assert [[item["product_id"] for item in one["items"]] for one in found] == [["30", "60"], ["30", "60"]]


def test_a_thousand_users_are_answered_one_by_one(serve: Serve, registry: Registry) -> None:
    publish(registry, a_connected_model())
    server = serve().until_ready()
    users = [str(number) for number in range(1000)]
    found = lists_of(server, users=users, k=3, exclude_seen=True)
    assert [one["user_id"] for one in found] == users
    assert sum(one["user_known"] for one in found) == 60
    own = server.client.get("/api/users/59/recommendations?k=3&exclude_seen=true").json()
    assert found[59] == {"user_id": "59", **own}


def test_erased_users_are_known_no_more(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    assert server.client.delete("/api/users/2", headers=ADMIN).status_code == 204
    assert [one["user_known"] for one in lists_of(server, users=["1", "2"])] == [True, False]


def test_others_are_answered_while_lists_are_made(serve: Serve, registry: Registry) -> None:
    publish(registry, a_connected_model())
    server = serve().until_ready()
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(lists_of, server, users=["1"] * 1000, k=100)
        answered = 0
        while not batch.done():
            answered += server.client.get("/healthz").status_code == 200
    assert (len(batch.result()), answered > 3) == (1000, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "users: field required"),
        ({"users": []}, "users: list should have at least 1 item"),
        ({"users": ["1"] * 1001}, "users: list should have at most 1000 items"),
        ({"users": [1]}, "users[0]: input should be a valid string, it was 1"),
        ({"users": ["1" * 1001]}, "users[0]: string should have at most 1000 characters"),
        ({"users": ["1"], "k": 0}, "k: must be a whole number from 1 to 100"),
        ({"users": ["1"], "min_price": 1}, "min_price: cannot be told"),
        ({"users": ["1"], "explain": True}, "explain: extra inputs are not permitted"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_a_wrong_batch_is_a_422_that_names_what_is_wrong(
    shop: ThreadServer, asked: dict[str, object], said: str
) -> None:
    answer = shop.client.post(BATCH, json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert said in answer.json()["detail"]


def test_without_a_model_there_are_no_lists(serve: Serve) -> None:
    answer = serve().until_ready().client.post(BATCH, json={"users": ["1"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "model_not_trained")
