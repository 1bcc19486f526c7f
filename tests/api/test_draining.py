"""A pod that ends: requests go on being answered while clients are asked to go elsewhere."""

import signal
import time
from pathlib import Path

import httpx

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess
from tests.builders import publish

POPULAR = "/api/products/popular"


def serving(folder: Path, drain_seconds: str) -> ServerProcess:
    publish(Registry(FileStore(folder / "store")))
    return ServerProcess(folder, {"STORE_URL": (folder / "store").as_uri(), "DRAIN_SECONDS": drain_seconds})


def test_server_that_drains_answers_old_and_new_connections_and_asks_them_to_close(tmp_path: Path) -> None:
    with serving(tmp_path, "2") as server:
        server.until("/readyz")
        assert "connection" not in server.client.get(POPULAR).headers
        told_at = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        n_closing = 0
        while time.monotonic() < told_at + 1.5:
            answer = server.client.get(POPULAR)
            assert answer.status_code == 200
            n_closing += answer.headers.get("connection") == "close"
            time.sleep(0.02)
        assert n_closing > 10
        assert httpx.get(f"http://127.0.0.1:{server.port}{POPULAR}").status_code == 200
        assert server.process.wait(10) == 0
        assert 2 <= time.monotonic() - told_at < 6


def test_server_that_need_not_drain_ends_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, "0") as server:
        server.until("/readyz")
        told_at = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - told_at < 3


def test_second_signal_ends_the_draining(tmp_path: Path) -> None:
    with serving(tmp_path, "60") as server:
        server.until("/readyz")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        assert server.end() == 0
