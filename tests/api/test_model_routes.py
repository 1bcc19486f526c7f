from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN
from tests.builders import a_model, integer_ids, publish


def test_the_model_route_describes_the_version_in_service(serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry)
    answer = serve().until_ready().client.get("/api/model").json()
    assert (answer["version"], answer["previous"], answer["promoted_by"]) == (second, first, "test")
    created_at = registry.manifest(second).created_at
    assert (answer["recipe"], datetime.fromisoformat(answer["data_until"])) == (
        "cosine",
        created_at - timedelta(hours=2),
    )
    assert (answer["metrics"]["n_users"], answer["metrics"]["n_products"]) == (3, 5)
    assert 0 <= answer["age_days"] < 0.01
    assert datetime.now(UTC) - datetime.fromisoformat(answer["loaded_at"]) < timedelta(minutes=1)
    assert (answer["pinned"], answer["problem"]) == (False, None)


def test_versions_come_newest_first_and_the_current_one_is_marked(serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry)
    waiting = publish(registry, promote=False)
    answer = serve().client.get("/api/model/versions").json()["versions"]
    assert [entry["version"] for entry in answer] == [waiting, second, first]
    assert [entry["current"] for entry in answer] == [False, True, False]
    assert all(entry["size_bytes"] > 1000 and entry["published_at"] for entry in answer)


def test_a_store_without_versions_has_an_empty_list(serve: Serve) -> None:
    assert serve().client.get("/api/model/versions").json() == {"versions": []}


def test_rollback_puts_the_previous_version_back_at_once(serve: Serve, registry: Registry) -> None:
    first, second = publish(registry), publish(registry, a_model(products=integer_ids([1, 2, 3, 4, 5])))
    server = serve(poll_seconds=3600).until_ready()
    answer = server.client.post("/api/model/rollback", headers=ADMIN)
    assert answer.status_code == 200
    assert (answer.json()["version"], answer.json()["previous"]) == (first, second)
    assert answer.json()["promoted_by"] == "api"
    assert registry.current().version == first  # type: ignore[union-attr]
    server.until_served(first)
    assert server.client.get("/api/products/10/similar").status_code == 200


def test_rollback_takes_the_version_it_is_given(serve: Serve, registry: Registry) -> None:
    versions = [publish(registry) for _ in range(3)]
    server = serve(poll_seconds=3600).until_ready()
    answer = server.client.post("/api/model/rollback", headers=ADMIN, json={"version": versions[0]})
    assert answer.json()["version"] == versions[0]
    server.until_served(versions[0])


@pytest.mark.parametrize("body", [{}, {"version": None}])
def test_rollback_without_a_version_means_the_previous_one(serve: Serve, registry: Registry, body: object) -> None:
    first, _ = publish(registry), publish(registry)
    assert serve().client.post("/api/model/rollback", headers=ADMIN, json=body).json()["version"] == first


def test_rollback_to_a_version_that_is_not_there_is_a_404(serve: Serve, registry: Registry) -> None:
    current = publish(registry)
    answer = serve().client.post("/api/model/rollback", headers=ADMIN, json={"version": "20200101T000000Z-00000000"})
    assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")
    assert registry.current().version == current  # type: ignore[union-attr]


@pytest.mark.parametrize("version", ["", "latest", "../../etc/passwd", 17, "20250105T020000Z-1f3c9a2e\n"])
def test_rollback_to_what_is_no_version_is_a_422(serve: Serve, version: object) -> None:
    answer = serve().client.post("/api/model/rollback", headers=ADMIN, json={"version": version})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "version:" in answer.json()["detail"]


def test_rollback_without_a_previous_version_is_refused(serve: Serve, registry: Registry) -> None:
    publish(registry)
    answer = serve().client.post("/api/model/rollback", headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "version_refused")
    assert "no previous version" in answer.json()["detail"]


def test_rollback_to_the_version_in_service_is_refused(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    answer = serve().client.post("/api/model/rollback", headers=ADMIN, json={"version": version})
    assert (answer.status_code, answer.json()["code"]) == (409, "version_refused")


def test_rollback_to_a_damaged_version_is_refused_and_changes_nothing(
    serve: Serve, registry: Registry, folder: Path
) -> None:
    first, second = publish(registry), publish(registry)
    (folder / "models" / first / "model.safetensors").write_bytes(b"cut")
    answer = serve().client.post("/api/model/rollback", headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "version_refused")
    assert "damaged" in answer.json()["detail"]
    assert registry.current().version == second  # type: ignore[union-attr]


def test_a_store_that_does_not_answer_is_a_503(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the store's folder should be")
    server = serve()
    for answer in (
        server.client.get("/api/model/versions"),
        server.client.post("/api/model/rollback", headers=ADMIN),
        server.client.get("/api/model"),
    ):
        assert answer.status_code == 503
        assert answer.json()["code"] in {"store_unavailable", "model_not_available"}
    assert "STORE_URL" in server.client.get("/api/model/versions").json()["detail"]


def test_a_rollback_mends_a_damaged_pointer(serve: Serve, registry: Registry, folder: Path) -> None:
    version = publish(registry)
    FileStore(folder).put("current.json", b"{")
    server = serve(poll_seconds=3600)
    assert server.client.post("/api/model/rollback", headers=ADMIN, json={"version": version}).status_code == 200
    server.until_served(version)
