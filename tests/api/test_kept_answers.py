from dataclasses import replace

import pytest
from fastapi.routing import APIRoute

from api import kept_answers
from api.kept_answers import KeptAnswer, KeptAnswers
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer
from tests.builders import a_catalogue, a_model, publish

ROUTE = APIRoute("/", lambda: None)


def an_answer(n_bytes: int = 10) -> KeptAnswer:
    return KeptAnswer(ROUTE, b"x" * n_bytes, "similar", 1)


def test_the_oldest_answers_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "_MOST_BYTES", 10_000)
    kept = KeptAnswers()
    for number in range(100):
        kept.keep((str(number), b""), an_answer(600))
    found = [number for number in range(100) if kept.find((str(number), b""))]
    assert found == list(range(100 - len(found), 100))
    assert 5 <= len(found) <= 10


def test_an_answer_too_large_for_all_room_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "_MOST_BYTES", 10_000)
    kept = KeptAnswers()
    kept.keep(("large", b""), an_answer(20_000))
    assert kept.find(("large", b"")) is None


def test_long_queries_of_which_there_are_too_many_are_not_kept() -> None:
    kept = KeptAnswers()
    kept.keep(("a", b"x" * 101), an_answer())
    assert kept.find(("a", b"x" * 101)) is None


def asked_twice(server: ThreadServer, path: str) -> list[bytes]:
    return [server.client.get(path).content for _ in range(2)]


def test_what_is_kept_is_what_was_answered_and_told_as_such(serve: Serve, registry: Registry) -> None:
    version = publish(registry, replace(a_model(), catalogue=a_catalogue()))
    server = serve().until_ready()
    for path in ("/api/products/10/similar?k=2&category=Coffee", "/api/products/popular", "/api/products/10/similar"):
        first, second = asked_twice(server, path)
        assert first == second
        answer = server.client.get(path)
        assert (answer.headers["X-Model-Version"], answer.headers["Content-Type"]) == (version, "application/json")
    labels = f'route="/api/products/popular",source="popular",model_version="{version}"'
    assert server.metric(f"recommendation_lists_total{{{labels}}}") == 3


def test_no_answer_is_kept_for_another_model(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    assert b'"10"' not in asked_twice(server, "/api/products/10/similar")[1]
    server.until_served(publish(registry, a_model(neighbours={0: {3: 0.7}})))
    answer = server.client.get("/api/products/10/similar?k=1").json()
    assert [item["product_id"] for item in answer["items"]] == ["40"]
    again = server.client.get("/api/products/10/similar").json()
    assert (again["items"][0]["product_id"], again["items"][0]["score"]) == ("40", 0.7)


def test_a_user_who_is_erased_is_forgotten_at_once(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    path = "/api/users/2/recommendations"
    assert server.client.get(path).json()["user_known"]
    assert server.client.delete("/api/users/2", headers=ADMIN).status_code == 204
    assert not server.client.get(path).json()["user_known"]
