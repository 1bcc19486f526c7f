"""Whatever happens to the store, the model in service stays in service, and what is wrong is said once."""

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.manifest import MODEL_FILE
from registry.pointer import CURRENT_KEY
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ThreadServer, wait_until
from tests.builders import publish

NOWHERE = b"20250105T020000Z-1f3c9a2e"
FAILURES = "model_reload_failures_total"


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def looks_at_the_store(server: ThreadServer, more: int = 3) -> None:
    """Wait until the follower has failed a few times more."""
    seen = server.metric(FAILURES) or 0.0
    wait_until(lambda: (server.metric(FAILURES) or 0.0) >= seen + more)


def promote_a_damaged_version(registry: Registry, damage: Callable[[str], None]) -> str:
    version = publish(registry, promote=False)
    damage(version)
    registry.promote(version, "test", registry.pointer_state())
    return version


def test_a_damaged_new_version_leaves_the_old_one_serving(
    serve: Serve, registry: Registry, damage: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    old = publish(registry)
    server = serve().until_ready()
    new = promote_a_damaged_version(registry, damage)
    looks_at_the_store(server, more=1)
    answer = server.client.get("/api/model").json()
    assert answer["version"] == old
    assert "model.safetensors" in answer["problem"]
    assert new in answer["problem"]
    assert server.metric("model_problem") == 1
    assert server.client.get("/readyz").status_code == 200
    assert server.client.get("/api/products/10/similar").json()["model_version"] == old
    assert len(errors(caplog)) == 1
    assert f"{old} stays in service" in errors(caplog)[0]


def test_a_version_that_is_whole_again_is_served(
    serve: Serve, registry: Registry, damage: Callable[[str], None]
) -> None:
    publish(registry)
    server = serve().until_ready()
    new = promote_a_damaged_version(registry, damage)
    looks_at_the_store(server, more=2)
    damage(new)  # the same bit once more: the file is what it was
    server.until_served(new)
    assert (server.problem(), server.metric("model_problem")) == (None, 0)


def test_a_rollback_ends_the_trouble_with_a_damaged_version(
    serve: Serve, registry: Registry, damage: Callable[[str], None], folder: Path
) -> None:
    old = publish(registry)
    server = serve().until_ready()
    promote_a_damaged_version(registry, damage)
    looks_at_the_store(server, more=1)
    registry.roll_back(None, "test", folder)
    wait_until(lambda: server.problem() is None)
    assert server.client.get("/api/model").json()["version"] == old


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "current.json is damaged"),
        (b"{", "current.json is damaged"),
        (b"[]", "current.json is damaged"),
        (
            b'{"version": "x", "previous": null, "promoted_at": "2025-01-05T02:00:00Z", "promoted_by": "a"}',
            "no version",
        ),
        (
            b'{"version": "%s", "previous": null, "promoted_at": "2025-01-05T02:00:00Z", "promoted_by": "a"}' % NOWHERE,
            "current.json names 20250105T020000Z-1f3c9a2e, which the store does not hold",
        ),
    ],
    ids=["empty", "cut", "a list", "no version", "a missing version"],
)
def test_a_damaged_pointer_leaves_the_model_serving(
    serve: Serve, registry: Registry, content: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    version = publish(registry)
    server = serve().until_ready()
    registry.store.put(CURRENT_KEY, content)
    looks_at_the_store(server, more=2)
    assert said in (server.problem() or "")
    assert server.client.get("/api/products/popular").json()["model_version"] == version
    assert server.client.get("/readyz").status_code == 200
    assert len(errors(caplog)) == 1


def test_a_damaged_pointer_at_start_is_not_ready_and_says_why(serve: Serve, registry: Registry) -> None:
    version = publish(registry)
    healthy = registry.store.get(CURRENT_KEY).body
    registry.store.put(CURRENT_KEY, b"{")
    server = serve()
    wait_until(lambda: "damaged" in (server.problem() or ""))
    for path in ("/readyz", "/api/products/popular", "/api/model"):
        answer = server.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "model_not_available")
        assert "current.json is damaged" in answer.json()["detail"]
    assert server.client.get("/healthz").status_code == 200
    registry.store.put(CURRENT_KEY, healthy)
    server.until_served(version)


def test_a_model_damaged_before_the_start_is_never_served(
    serve: Serve, registry: Registry, damage: Callable[[str], None]
) -> None:
    damage(publish(registry))
    server = serve()
    wait_until(lambda: "sha256" in (server.problem() or ""))
    assert server.client.get("/readyz").status_code == 503
    assert server.client.get("/api/users/1/recommendations").status_code == 503


def test_a_store_that_goes_away_leaves_the_model_serving(
    serve: Serve, registry: Registry, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    version = publish(registry)
    server = serve().until_ready()
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("a file where the store's folder was")
    looks_at_the_store(server)
    assert "cannot read" in (server.problem() or "")
    assert server.client.get("/api/products/10/similar").json()["model_version"] == version
    assert server.client.get("/readyz").status_code == 200
    assert len([line for line in errors(caplog) if "cannot read" in line]) == 1
    folder.unlink()
    aside.rename(folder)
    wait_until(lambda: server.problem() is None)


def test_a_store_that_was_emptied_leaves_the_model_serving(serve: Serve, registry: Registry, folder: Path) -> None:
    version = publish(registry)
    server = serve().until_ready()
    shutil.rmtree(folder)
    looks_at_the_store(server)
    assert server.problem() == "current.json is gone from the store"
    assert server.client.get("/api/users/1/recommendations").json()["model_version"] == version


def test_a_full_disk_is_a_problem_and_no_reason_to_stop(
    serve: Serve, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = publish(registry)
    server = serve().until_ready()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    new = publish_elsewhere(registry, tmp_path, monkeypatch)
    wait_until(lambda: "cannot be copied" in (server.problem() or ""))
    assert server.client.get("/api/model").json()["version"] == old
    (tmp_path / "not there").mkdir()
    server.until_served(new)


def publish_elsewhere(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        version = publish(registry, promote=False)
    registry.promote(version, "test", registry.pointer_state())
    return version


def test_the_served_file_is_a_copy_of_our_own(serve: Serve, registry: Registry, folder: Path) -> None:
    version = publish(registry)
    server = serve().until_ready()
    before = server.client.get("/api/products/10/similar").json()
    path = folder / "models" / version / MODEL_FILE
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert server.client.get("/api/products/10/similar").json() == before
