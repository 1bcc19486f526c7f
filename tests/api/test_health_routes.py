from pathlib import Path

import pytest

from registry.history import HEALTH_KEY, write_health
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ThreadServer
from tests.builders import publish


def test_a_store_without_a_model_is_ready_and_says_so_on_the_model_routes(serve: Serve) -> None:
    server = serve().until_ready()
    assert server.client.get("/readyz").json() == {"status": "ready", "model_version": None}
    for path in ("/api/model", "/api/products/popular", "/api/products/1/similar", "/api/users/1/recommendations"):
        answer = server.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "model_not_trained")
    answer = server.client.post("/api/recommendations", json={"products": ["1"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "model_not_trained")


def test_ready_names_the_version_in_service(shop: ThreadServer) -> None:
    version = shop.client.get("/api/model").json()["version"]
    assert shop.client.get("/readyz").json() == {"status": "ready", "model_version": version}


def test_health_is_unknown_before_the_monitor_ran(shop: ThreadServer) -> None:
    answer = shop.client.get("/api/health").json()
    assert (answer["status"], answer["report"], answer["ready"]) == ("UNKNOWN", None, True)


def test_health_is_what_the_monitor_reported_last(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    report = {"status": "DEGRADED", "warnings": ["the model is 9 days old"]}
    write_health(registry.store, report)
    answer = serve().until_ready().client.get("/api/health").json()
    assert answer == {
        "status": "DEGRADED", "report": report, "ready": True, "model_version": version, "problem": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"status": 3}', b'{"status": ["HEALTHY"]}', b'{"status": "FINE", "n": 1e999}',
     b'{"a": "\\ud800", "b": 123456789012345678901234567890}'],
)  # fmt: skip
def test_a_report_that_nobody_understands_is_unknown(serve: Serve, registry: Registry, content: bytes) -> None:
    registry.store.put(HEALTH_KEY, content)
    answer = serve().client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "UNKNOWN")


def test_health_of_a_store_that_does_not_answer_says_so(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the store's folder should be")
    answer = serve().client.get("/api/health").json()
    assert (answer["status"], answer["ready"]) == ("UNKNOWN", False)
    assert answer["problem"]
