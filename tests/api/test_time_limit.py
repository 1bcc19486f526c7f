import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from tests.api.conftest import Serve
from tests.api.live import ThreadServer, wait_until

if TYPE_CHECKING:
    from api.http_protocol import StrictProtocol

LIMIT = 0.4
HEAD = b"POST /api/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"


@pytest.fixture
def server(serve: Serve) -> ThreadServer:
    return serve(request_seconds=LIMIT).until_ready()


@pytest.fixture
def connection(server: ThreadServer) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as opened:
        yield opened


def trickle(connection: socket.socket, first: bytes, drop: bytes) -> tuple[bytes, float]:
    """Send a little again and again until the server has closed; give all it said, and the seconds that took."""
    began, said = time.monotonic(), b""
    connection.sendall(first)
    connection.settimeout(LIMIT / 10)
    while time.monotonic() < began + 40 * LIMIT:
        try:
            connection.sendall(drop)
            received = connection.recv(100_000)
        except TimeoutError:
            continue
        except ConnectionError:
            return said, time.monotonic() - began
        if not received:
            return said, time.monotonic() - began
        said += received
    raise AssertionError(f"the server did not close; it said {said!r}")


def counted(method: str, route: str, status: int) -> str:
    """The count of such answers, which no model gave."""
    return f'http_requests_total{{method="{method}",route="{route}",status="{status}",model_version=""}}'


def said_problem(said: bytes) -> tuple[int, str]:
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["code"]


def test_a_body_that_trickles_in_is_a_408_and_the_end_of_the_connection(
    server: ThreadServer, connection: socket.socket
) -> None:
    said, seconds = trickle(connection, HEAD.replace(b"20", b"2000"), b" ")
    assert said_problem(said) == (408, "request_too_slow")
    assert 0.9 * LIMIT <= seconds < 20 * LIMIT
    assert server.metric(counted("POST", "/api/recommendations", 408)) == 1


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", b"y"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n"),
    ],
    ids=["line ends", "line ends after a request", "a header without end", "headers without end"],
)
def test_a_head_that_trickles_in_is_cut_off(connection: socket.socket, first: bytes, drop: bytes) -> None:
    said, seconds = trickle(connection, first, drop)
    assert said == b"" or said.endswith(b'{"status":"alive"}')
    assert 0.9 * LIMIT <= seconds < 20 * LIMIT


def test_a_body_that_nobody_waits_for_is_cut_off(connection: socket.socket) -> None:
    said, seconds = trickle(
        connection, HEAD.replace(b"/api/recommendations", b"/nothing").replace(b"20", b"2000"), b" "
    )
    assert said.startswith(b"HTTP/1.1 404")
    assert seconds < 20 * LIMIT


def test_a_client_that_says_nothing_is_cut_off(connection: socket.socket) -> None:
    began = time.monotonic()
    assert connection.recv(10) == b""
    assert 0.9 * LIMIT <= time.monotonic() - began < 20 * LIMIT


def test_a_client_that_does_not_take_its_answers_is_cut_off(server: ThreadServer) -> None:
    connections = cast("set[StrictProtocol]", server.server.server_state.connections)
    with socket.socket() as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.settimeout(10)
        greedy.connect(("127.0.0.1", server.port))
        greedy.sendall(b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
        wait_until(lambda: any(one.flow.write_paused for one in connections))
        wait_until(lambda: not any(one.flow.write_paused for one in connections), 20 * LIMIT)


def test_a_client_that_keeps_its_connection_for_longer_is_no_matter(server: ThreadServer) -> None:
    for _ in range(4):
        assert server.client.get("/healthz").status_code == 200
        time.sleep(LIMIT / 2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for _ in range(2):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(2000).startswith(b"HTTP/1.1 200")
            time.sleep(3 * LIMIT)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(2000).startswith(b"HTTP/1.1 200")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    opened = threading.Event()
    yield opened
    opened.set()


def add(server: ThreadServer, path: str, work: Callable[[], object]) -> None:
    server.app.add_api_route(path, work)


def test_an_answer_that_is_not_ready_in_time_is_a_503_and_the_work_goes_on(
    server: ThreadServer, gate: threading.Event
) -> None:
    ended = threading.Event()

    def work() -> None:
        gate.wait(30)
        ended.set()

    add(server, "/slow", work)
    began = time.monotonic()
    answer = server.client.get("/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "answer_too_slow")
    assert 0.9 * LIMIT <= time.monotonic() - began < 20 * LIMIT
    assert answer.headers["Connection"] == "close"
    gate.set()
    assert ended.wait(10)
    wait_until(lambda: server.metric(counted("GET", "/slow", 503)) == 1)
    assert server.client.get("/healthz").status_code == 200


def test_each_of_many_requests_has_its_own_time(server: ThreadServer, gate: threading.Event) -> None:
    add(server, "/slow", lambda: gate.wait(30))
    for _ in range(2):
        began = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            statuses = list(pool.map(lambda _: httpx.get(f"{server.client.base_url}/slow").status_code, range(3)))
        assert statuses == [503] * 3
        assert 0.9 * LIMIT <= time.monotonic() - began < 20 * LIMIT
        assert server.client.get("/healthz").status_code == 200


def test_what_fails_after_its_time_says_nothing_more(server: ThreadServer, gate: threading.Event) -> None:
    def work() -> None:
        gate.wait(30)
        raise ZeroDivisionError("a secret of the inside")

    add(server, "/slow", work)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        said = connection.recv(10_000)
        gate.set()
        said += connection.recv(10_000)
        assert connection.recv(10_000) == b""
    assert said_problem(said) == (503, "answer_too_slow")
