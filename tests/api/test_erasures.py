"""A user who was erased is served no more: here at once, elsewhere with the next look, whatever is served."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.erasures import SALT_KEY, Erasures
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, ThreadServer, wait_until
from tests.builders import a_model, publish, string_ids

LONG = 3600.0


def knows(server: ThreadServer, user: str = "1") -> bool:
    answer = server.client.get(f"/api/users/{user}/recommendations").json()
    assert answer["user_known"] or answer["source"] == "popular"
    known: bool = answer["user_known"]
    return known


def erase(server: ThreadServer, user: str = "1") -> httpx.Response:
    return server.client.delete(f"/api/users/{user}", headers=ADMIN)


def test_an_erased_user_gets_popular_products_from_the_answer_on(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve(poll_seconds=LONG).until_ready()
    assert knows(server)
    answer = erase(server)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not knows(server)
    assert knows(server, "2")
    popular = server.client.get("/api/products/popular").json()["items"]
    assert server.client.get("/api/users/1/recommendations").json()["items"] == popular


def test_another_replica_stops_within_its_next_look(serve: Serve, registry: Registry) -> None:
    publish(registry)
    one, other = serve().until_ready(), serve(poll_seconds=0.2).until_ready()
    assert knows(other)
    erase(one)
    wait_until(lambda: not knows(other), seconds=1)


def test_a_pinned_replica_stops_too(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    one, pinned = serve().until_ready(), serve(model_version=version).until_ready()
    assert knows(pinned)
    erase(one)
    wait_until(lambda: not knows(pinned), seconds=1)


def test_a_replica_that_is_asked_to_look_need_not_wait(serve: Serve, registry: Registry) -> None:
    publish(registry)
    one, other = serve().until_ready(), serve(poll_seconds=LONG).until_ready()
    erase(one)
    assert knows(other)
    assert other.client.post("/api/erasures/look").status_code == 401
    assert knows(other)
    assert other.client.post("/api/erasures/look", headers=ADMIN).status_code == 204
    assert not knows(other)


def test_neither_a_restart_nor_an_earlier_version_brings_a_user_back(serve: Serve, registry: Registry) -> None:
    old, new = publish(registry), publish(registry)
    server = serve().until_ready()
    server.until_served(new)
    erase(server)
    assert not knows(serve().until_ready())
    assert server.client.post("/api/model/rollback", headers=ADMIN).json()["version"] == old
    server.until_served(old)
    assert not knows(server)


def test_erasing_again_and_erasing_a_stranger_is_as_good(serve: Serve, registry: Registry) -> None:
    server = serve().until_ready()
    assert [erase(server, user).status_code for user in ("1", "1", "nobody")] == [204] * 3
    publish(registry)
    wait_until(lambda: server.client.get("/api/products/popular").status_code == 200)
    assert not knows(server)


def test_any_id_can_be_erased(serve: Serve, registry: Registry) -> None:
    users = ["a/b", "Ünal ☕", "x/recommendations"]
    publish(registry, a_model(users=string_ids(users)))
    server = serve().until_ready()
    for path in ("a%2Fb", "%C3%9Cnal%20%E2%98%95", "x%2Frecommendations"):
        assert knows(server, path)
        assert erase(server, path).status_code == 204
        assert not knows(server, path)


def test_the_path_of_a_list_is_no_user_to_erase(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    answer = erase(server, "1/recommendations")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "GET")
    assert len(Erasures(registry.store).read()) == 0


@pytest.mark.parametrize(
    ("settings", "token", "code"),
    [
        ({}, "", "not_authorized"),
        ({}, "guess", "not_authorized"),
        ({"admin_token": "bob metrics looking"}, "looking", "role_refused"),
        ({"admin_token": None}, "looking", "admin_disabled"),
    ],
)
def test_only_an_admin_may_erase_and_a_refusal_tells_no_id(
    serve: Serve,
    registry: Registry,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, Any],
    token: str,
    code: str,
) -> None:
    publish(registry)
    server = serve(**settings).until_ready()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert server.client.delete("/api/users/anna", headers=headers).json()["code"] == code
    assert len(Erasures(registry.store).read()) == 0
    assert [record.getMessage() for record in caplog.records if "DELETE '/api/users/{user_id}'" in record.getMessage()]
    assert "anna" not in caplog.text


def test_an_erasure_is_audited_under_the_name_of_its_object(
    serve: Serve, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    erase(serve().until_ready(), "anna")
    (line,) = [vars(record) for record in caplog.records if record.name == "audit"]
    assert (line["action"], line["outcome"]) == ("erase", "done")
    (path,) = (folder / "erased" / "users").iterdir()
    assert line["object"] == f"user {path.name[:12]}"
    assert "anna" not in caplog.text


def test_too_many_erasures_are_refused(serve: Serve) -> None:
    server = serve(admin_requests_per_minute=2).until_ready()
    assert [erase(server).status_code for _ in range(3)] == [204, 204, 429]


def test_a_store_that_is_away_erases_nobody_and_forgets_nobody(
    serve: Serve, registry: Registry, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(registry)
    server = serve().until_ready()
    erase(server)
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("a file where the store's folder was")
    answer = erase(server, "2")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    wait_until(lambda: "cannot read" in (server.problem() or ""))
    assert (knows(server, "1"), knows(server, "2")) == (False, True)
    assert [vars(record)["outcome"] for record in caplog.records if record.name == "audit"][-1].startswith("failed")
    folder.unlink()
    aside.rename(folder)
    wait_until(lambda: server.problem() is None)
    assert (knows(server, "1"), knows(server, "2")) == (False, True)


@pytest.mark.parametrize("pinned", [True, False])
def test_no_replica_is_ready_before_it_knows_who_was_erased(serve: Serve, registry: Registry, pinned: bool) -> None:
    version = publish(registry)
    Erasures(registry.store).add("1", "test")
    salt = registry.store.get(SALT_KEY).body
    registry.store.delete(SALT_KEY)
    server = serve(model_version=version if pinned else None)
    wait_until(lambda: "erased/salt" in (server.problem() or ""))
    assert server.client.get("/readyz").status_code == 503
    assert server.client.get("/api/users/1/recommendations").status_code == 503
    assert erase(server, "2").json()["code"] == "store_unavailable"
    registry.store.put(SALT_KEY, salt)
    server.until_ready()
    assert not knows(server)


def test_no_page_of_another_origin_may_erase(serve: Serve) -> None:
    server = serve(cors_origins="https://shop.example.com").until_ready()
    asked = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "DELETE"}
    answer = server.client.options("/api/users/1", headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "origin_refused")
