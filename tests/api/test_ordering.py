"""How diverse, and how little popular, clients want a list: by query, and by members of a body."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import a_catalogue, a_model, publish

LISTS = ["/api/products/50/similar", "/api/users/1/recommendations"]
# 30 and 10 are coffee, 40 is nothing; of 50's weight 40 has 0.8, 30 has 0.6 and 10 has 0.2.
NEAR_50 = {4: {2: 0.9, 0: 0.8, 3: 0.6}}


@pytest.fixture(scope="module")
def bar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadServer]:
    """The shop with a catalogue, where all lists rest on product 50."""
    folder = tmp_path_factory.mktemp("bar") / "store"
    model = a_model(neighbours=NEAR_50, histories={0: {4: 1.0}})
    publish(Registry(FileStore(folder)), replace(model, catalogue=a_catalogue()))
    server = ThreadServer(settings_for(folder)).until_ready()
    yield server
    server.end()


def scores(answer: httpx.Response) -> list[tuple[str, float]]:
    assert answer.status_code == 200, answer.text
    return [(item["product_id"], item["score"]) for item in answer.json()["items"]]


def ask(server: ThreadServer, path: str, **given: Any) -> httpx.Response:  # noqa: ANN401 (JSON)
    if path == "/api/recommendations":
        return server.client.post(path, json={"products": ["50"], "k": 3, **given})
    return server.client.get(path, params={"k": 3, **given})


@pytest.mark.parametrize("path", [*LISTS, "/api/recommendations"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["30", "10", "40"]),
        ({"diversity": 0, "popularity_damping": 0.0}, ["30", "10", "40"]),
        ({"diversity": 0.5}, ["30", "40", "10"]),
        ({"diversity": 1}, ["30", "40", "10"]),
        ({"popularity_damping": 0.1}, ["30", "10", "40"]),
        ({"popularity_damping": 0.2}, ["10", "30", "40"]),
        ({"popularity_damping": 1, "diversity": 0.5}, ["10", "40", "30"]),
    ],
    ids=str,
)
def test_only_the_order_changes(bar: ThreadServer, path: str, given: dict[str, float], expected: list[str]) -> None:
    found = scores(ask(bar, path, **given))
    assert [product_id for product_id, _ in found] == expected
    assert dict(found) == {"30": 0.9, "10": 0.8, "40": 0.6}


def test_an_explanation_adds_up_whatever_the_order(bar: ThreadServer) -> None:
    items = ask(bar, LISTS[0], diversity=0.5, popularity_damping=0.5, explain=True).json()["items"]
    for item in items:
        assert sum(reason["part"] for reason in item["explanation"]["reasons"]) == pytest.approx(item["score"])


@pytest.mark.parametrize("name", ["diversity", "popularity_damping"])
@pytest.mark.parametrize("wrong", ["-0.1", "1.1", "nan", "inf", "x", ""])
def test_a_number_out_of_range_is_a_422_that_says_what_it_may_be(bar: ThreadServer, name: str, wrong: str) -> None:
    for path in LISTS:
        answer = bar.client.get(path, params={name: wrong})
        assert answer.status_code == 422
        assert answer.json()["detail"] == f"{name}: must be a number from 0 to 1, it was '{wrong}'"


@pytest.mark.parametrize("wrong", [-0.1, 1.5, "0.5", True, None, [0.5]])
def test_a_wrong_member_is_a_422_that_says_what_it_may_be(bar: ThreadServer, wrong: object) -> None:
    answer = bar.client.post("/api/recommendations", json={"products": ["50"], "diversity": wrong})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("diversity: must be a number from 0 to 1, it was ")
