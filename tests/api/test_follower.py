import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.follower import Follower, Retry
from api.served_model import ModelService
from api.telemetry import Telemetry
from registry.files import FileStore
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ThreadServer, wait_until
from tests.builders import a_model, integer_ids, publish


def other_model_ids(server: ThreadServer) -> set[str]:
    items = server.client.get("/api/products/popular").json()["items"]
    return {item["product_id"] for item in items}


def test_a_promoted_version_is_served_without_a_restart(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve().until_ready()
    assert other_model_ids(server) == {"10", "20", "30", "40", "50"}
    server.until_served(publish(registry, a_model(products=integer_ids([1, 2, 3, 4, 5]))))
    assert other_model_ids(server) == {"1", "2", "3", "4", "5"}
    assert server.metric("model_reloads_total") == 2


def test_the_first_model_ever_is_served_without_a_restart(serve: Serve, registry: Registry) -> None:
    server = serve().until_ready()
    assert server.client.get("/api/products/popular").json()["code"] == "model_not_trained"
    server.until_served(publish(registry))
    assert server.client.get("/api/products/popular").status_code == 200


def test_a_published_version_that_nobody_promoted_is_not_served(serve: Serve, registry: Registry) -> None:
    current = publish(registry)
    server = serve().until_ready()
    publish(registry, a_model(products=integer_ids([1, 2, 3, 4, 5])), promote=False)
    time.sleep(0.1)
    assert server.client.get("/api/model").json()["version"] == current


def test_a_pinned_version_is_served_whatever_is_current(serve: Serve, registry: Registry) -> None:
    pinned, _ = publish(registry), publish(registry)
    server = serve(model_version=pinned).until_ready()
    publish(registry)
    time.sleep(0.1)
    answer = server.client.get("/api/model").json()
    assert (answer["version"], answer["pinned"], answer["previous"]) == (pinned, True, None)


def test_a_pinned_version_that_is_missing_is_waited_for(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve(model_version="20250105T020000Z-1f3c9a2e")
    wait_until(lambda: "MODEL_VERSION=20250105T020000Z-1f3c9a2e" in (server.problem() or ""))
    assert server.client.get("/readyz").status_code == 503


def test_the_end_of_the_server_ends_the_following(serve: Serve, registry: Registry) -> None:
    publish(registry)
    server = serve(poll_seconds=3600).until_ready()
    follower = server.app.state.services.follower
    assert follower._thread.is_alive()
    server.end()
    wait_until(lambda: not follower._thread.is_alive(), seconds=3)


def test_no_download_is_left_behind(
    serve: Serve, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    publish(registry)
    server = serve().until_ready()
    server.until_served(publish(registry))
    assert list(temporary.iterdir()) == []
    assert server.client.get("/api/products/10/similar").status_code == 200


class CountingStore(FileStore):
    """A store that counts how often a model was fetched."""

    fetches = 0

    def fetch(self, key: str, directory: Path) -> Path:
        self.fetches += 1
        return super().fetch(key, directory)


def test_a_damaged_version_is_not_downloaded_at_every_look(
    registry: Registry, folder: Path, damage: Callable[[str], None]
) -> None:
    store, models = CountingStore(folder), ModelService()
    follower = Follower(Registry(store), models, Telemetry(models, store), poll_seconds=60, pinned=None)
    damage(publish(registry))
    for _ in range(5):
        follower.check()
    assert store.fetches == 1
    follower.poke()
    follower.check()
    assert store.fetches == 2


def test_a_version_that_failed_waits_twice_as_long_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    retry, waited = Retry(first_delay_seconds=2), []
    for _ in range(8):
        retry.failed("a")
        start = now
        while not retry.is_due("a"):
            now += 1
        waited.append(now - start)
    assert waited == [2, 4, 8, 16, 32, 60, 60, 60]
    retry.failed("a")
    assert retry.is_due("b")
