"""One log line a request, without anybody's id unless that is asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess, wait_until
from tests.builders import publish

Start = Callable[..., ServerProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `python -m api` on a store with a model, and wait until it is ready."""
    version = publish(Registry(FileStore(tmp_path / "store")))
    servers: list[ServerProcess] = []

    def begin(**settings: str) -> ServerProcess:
        servers.append(ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri(), **settings}))
        servers[-1].until("/readyz")
        wait_until(lambda: f"Serving model {version}" in servers[-1].log)
        return servers[-1]

    yield begin
    for server in servers:
        server.__exit__(None, None, None)


def requests_in(server: ServerProcess) -> list[dict[str, Any]]:
    """The access log so far; a last request makes sure that those before it are there."""
    server.client.get("/last", headers={"X-Request-ID": "last"})
    wait_until(lambda: '"last"' in server.log)
    lines = [json.loads(line) for line in server.log.splitlines()]
    return [line for line in lines if line.get("event") == "request" and line["request_id"] != "last"]


def customers(server: ServerProcess) -> list[dict[str, Any]]:
    return [line for line in requests_in(server) if line["route"] not in {"/readyz", "/healthz", "/metrics"}]


def test_one_line_a_request_tells_what_was_asked_and_what_became_of_it(start: Start) -> None:
    server = start()
    headers = {"X-Request-ID": "mine", "User-Agent": "shop/1.0"}
    answer = server.client.get("/api/users/1/recommendations?k=3", headers=headers)
    (line,) = customers(server)
    assert 0 < line.pop("duration_ms") < 10_000
    for key in ("time", "logger", "message"):
        line.pop(key)
    assert line == {
        "level": "INFO",
        "event": "request",
        "request_id": "mine",
        "method": "GET",
        "route": "/api/users/{user_id}/recommendations",
        "status": 200,
        "bytes": len(answer.content),
        "client": "127.0.0.1",
        "user_agent": "shop/1.0",
        "model_version": answer.json()["model_version"],
        "source": answer.json()["source"],
        "products": 3,
    }


def test_nobodys_id_is_logged(start: Start) -> None:
    server = start()
    for path in (
        "/api/users/jane.doe@example.com/recommendations",
        "/jane.doe@example.com",
        "/api/products/jane.doe/similar",
    ):
        server.client.get(path)
    server.client.request("JANE.DOE", "/api/model")
    assert [line["route"] for line in customers(server)][1] == "unmatched"
    assert "jane.doe" not in server.log


def test_paths_are_logged_where_that_is_asked_for(start: Start) -> None:
    server = start(ACCESS_LOG_PATHS="true")
    server.client.get("/api/users/jane/recommendations")
    server.client.get("/" + "x" * 5000)
    paths = [line["path"] for line in customers(server)]
    assert paths == ["/api/users/jane/recommendations", "/" + "x" * 199]


def test_probes_and_scrapes_are_logged_only_when_they_fail(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        server.until("/healthz").until("/metrics").until("/readyz", 503)
        told = {(line["route"], line["status"]) for line in requests_in(server)}
    assert told == {("/readyz", 503)}


def test_errors_are_all_that_is_logged_where_that_is_enough(start: Start) -> None:
    server = start(ACCESS_LOG="errors")
    server.client.get("/api/products/popular")
    server.client.get("/api/products/4711/similar")
    server.client.post("/api/recommendations", content=b"{")
    assert [line["status"] for line in customers(server)] == [404, 415]


@pytest.mark.parametrize("settings", [{"ACCESS_LOG": "none"}, {"LOG_LEVEL": "WARNING"}])
def test_the_access_log_can_be_switched_off(tmp_path: Path, settings: dict[str, str]) -> None:
    publish(Registry(FileStore(tmp_path / "store")))
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri(), **settings}) as server:
        server.until("/readyz").until("/api/model").until("/nope", 404)
        assert server.end() == 0
        assert "nope" not in server.log
        assert '"request"' not in server.log


def test_a_users_agent_is_cut_short_and_cannot_break_the_line(start: Start) -> None:
    server = start()
    server.client.get("/api/model", headers=[(b"User-Agent", b'"}\xff' + b"x" * 500)])
    (line,) = customers(server)
    assert line["user_agent"] == '"}ÿ' + "x" * 97


def test_a_person_reads_a_short_line(start: Start) -> None:
    server = start(LOG_FORMAT="human")
    server.client.get("/api/products/popular", headers={"X-Request-ID": "mine"})
    wait_until(lambda: "[mine]" in server.log)
    (line,) = [line for line in server.log.splitlines() if "[mine]" in line]
    asked, _, rest = line.partition(" 200 ")
    assert asked == "GET /api/products/popular"
    duration, rest = rest.split(" ms ")
    assert float(duration) < 10_000
    assert rest == "[mine]"
