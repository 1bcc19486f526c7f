"""Promotions under load: no request is lost, and none is answered by two models."""

import threading
import time
from pathlib import Path
from typing import Any

import httpx

from model.model import Model
from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess, wait_until
from tests.builders import a_model, integer_ids, publish

PROMOTIONS = 20


class Client(threading.Thread):
    """Asks without pause, and notes each version with the models whose products it was seen to answer with."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}"
        self.done = threading.Event()
        self.seen: set[tuple[str, int]] = set()
        self.failures: list[str] = []

    def run(self) -> None:
        try:
            with httpx.Client(base_url=self.url, timeout=10) as client:
                while not self.done.is_set():
                    self.note(client.get("/api/products/popular?k=5"))
                    self.note(client.get("/api/products/10/similar?k=4"))
                    self.note(client.get("/api/users/2/recommendations?k=5"))
                    self.note(client.post("/api/recommendations", json={"products": ["10"], "k": 5}))
        except httpx.HTTPError as error:
            self.failures.append(repr(error))

    def note(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            self.failures.append(answer.text)
            return
        self.seen |= {(answer.json()["model_version"], number) for number in numbers_of(answer.json())}
        time.sleep(0.001)

    def has_seen(self, version: str) -> bool:
        return any(seen == version for seen, _ in self.seen.copy())


def numbered_model(number: int) -> Model:
    """A model whose products, but for product 10, all have its number in front."""
    return a_model(products=integer_ids([10, *(100 * number + n for n in range(4))]))


def numbers_of(answer: dict[str, Any]) -> set[int]:
    return {int(item["product_id"]) // 100 for item in answer["items"] if item["product_id"] != "10"}


def test_twenty_promotions_under_load_lose_no_request_and_mix_no_answer(tmp_path: Path) -> None:
    registry = Registry(FileStore(tmp_path / "store"))
    versions = {publish(registry, numbered_model(n), promote=False): n for n in range(1, PROMOTIONS + 2)}
    registry.promote(next(iter(versions)), "test", registry.pointer_state())
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        server.until("/api/model")
        clients = [Client(server.port) for _ in range(3)]
        for client in clients:
            client.start()
        for version in versions:
            registry.promote(version, "test", registry.pointer_state())
            wait_until(lambda: any(client.has_seen(version) for client in clients))  # noqa: B023 (called at once)
        for client in clients:
            client.done.set()
            client.join(10)
        metrics = server.client.get("/metrics").text
    assert [client.failures for client in clients] == [[]] * len(clients)
    assert set().union(*(client.seen for client in clients)) == set(versions.items())
    assert f"model_reloads_total {PROMOTIONS + 1}.0" in metrics
    assert "model_reload_failures_total 0.0" in metrics
