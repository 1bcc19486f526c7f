"""`--action service`: the API and the store are asked, and must agree."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from registry.registry import Registry
from tests.api.live import ThreadServer, settings_for
from tests.builders import publish
from tests.monitor.conftest import Command, a_shop


@contextmanager
def serving(store: Path, **settings: object) -> Iterator[str]:
    """Run the API on a store, and give its address."""
    server = ThreadServer(settings_for(store, **settings)).until_ready()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.end()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "var" / "store"


@pytest.fixture
def something_else() -> Iterator[str]:
    """A web server that is not our API."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>" if "popular" in self.path else b"[]")

        def log_message(self, *_arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_agreement_is_told_with_a_real_recommendation(monitor: Command, registry: Registry, store: Path) -> None:
    version = publish(registry, a_shop())
    with serving(store) as url:
        people = monitor("--action", "service", "--api-url", f"{url}/")
        machines = monitor("--action", "service", "--api-url", url, "--format", "json")
    assert (people.exit_code, machines.exit_code) == (0, 0)
    assert f"serves model {version}, the store's current one" in people.out
    found = json.loads(machines.out)
    assert found["model_version"] == version
    product = int(found["product_id"])
    assert found["similar"][:2] == [str((product + 1) % 12), str((product + 2) % 12)]


def test_another_model_than_the_current_one_is_a_failure_that_names_both(
    monitor: Command, registry: Registry, store: Path
) -> None:
    old = publish(registry, a_shop())
    with serving(store, model_version=old) as url:
        new = publish(registry, a_shop(n_users=61))
        ended = monitor("--action", "service", "--api-url", url)
    assert (ended.exit_code, ended.out) == (1, "")
    assert f"the API serves model {old}, and current.json names {new}. Is a rollout under way?" in ended.err


def test_store_without_a_model_is_to_be_tried_again(monitor: Command) -> None:
    ended = monitor("--action", "service")
    assert ended.exit_code == 75
    assert "the store has no current model yet. Wait for the first training" in ended.err


def test_api_that_does_not_answer_is_to_be_tried_again(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    ended = monitor("--action", "service", "--api-url", "http://127.0.0.1:9")
    assert ended.exit_code == 75
    assert "http://127.0.0.1:9/api/products/popular?k=1 does not answer" in ended.err


def test_api_without_a_model_is_a_failure_in_its_own_words(
    monitor: Command, registry: Registry, tmp_path: Path
) -> None:
    publish(registry, a_shop())
    with serving(tmp_path / "another") as url:
        ended = monitor("--action", "service", "--api-url", url)
    assert ended.exit_code == 1
    assert "answered 503: the store holds no model yet" in ended.err


def test_other_servers_are_told_from_the_api(monitor: Command, registry: Registry, something_else: str) -> None:
    publish(registry, a_shop())
    ended = monitor("--action", "service", "--api-url", something_else)
    assert ended.exit_code == 1
    assert "did not answer in JSON. Is --api-url that of the API?" in ended.err


def test_address_of_another_kind_is_a_bad_setting(monitor: Command, registry: Registry) -> None:
    publish(registry, a_shop())
    ended = monitor("--action", "service", "--api-url", "file:///etc")
    assert ended.exit_code == 64
    assert "--api-url must begin with http:// or https://" in ended.err
