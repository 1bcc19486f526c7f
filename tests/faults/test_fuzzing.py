from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.files import FileStore
from registry.registry import Registry
from tests.api.live import ServerProcess
from tests.builders import publish
from tests.faults.fuzzing import fuzz, wrong_with
from tests.faults.raw_answers import Burst, NotHttpError, RawAnswer, RawConnection, answers_in

PROBLEM = {b"content-type": b"application/problem+json"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    store = tmp_path / "store"
    publish(Registry(FileStore(store)))
    with ServerProcess(tmp_path, {"STORE_URL": store.as_uri(), "ACCESS_LOG": "none"}) as process:
        yield process.until("/readyz")


def test_no_fuzzed_request_ends_the_worker_or_gets_an_undocumented_answer(server: ServerProcess) -> None:
    fuzzed = fuzz(server, 2000, seed=3)
    assert fuzzed.findings == []
    assert fuzzed.sent == 2000
    assert fuzzed.answers.total() > 1600
    assert {200, 400, 401, 404, 405, 415, 422} <= set(fuzzed.answers)


def test_a_worker_that_ended_is_found(server: ServerProcess) -> None:
    server.end()
    fuzzed = fuzz(server, 100, seed=3)
    assert fuzzed.findings[-1].startswith("the worker ended with ")
    assert fuzzed.answers.total() == 0


def test_connections_are_kept_alive_and_bodies_read_whole(server: ServerProcess) -> None:
    connection = RawConnection(server.port)
    for _ in range(3):
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.receive().body == b'{"status":"alive"}'
    connection.close()


def test_bytes_of_several_requests_get_several_answers(server: ServerProcess) -> None:
    burst = Burst(server.port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2 + b"GET /heal")
    later = RawConnection(server.port)
    for _ in range(3):
        later.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        later.receive()  # who came first has been answered by then
    later.close()
    assert [answer.body for answer in burst.answers()] == [b'{"status":"alive"}'] * 2


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.mark.parametrize(
    ("came", "bodies"),
    [
        (b"", []),
        (WHOLE + b"ok", [b"ok"]),
        (WHOLE + b"ok" + WHOLE + b"ab", [b"ok", b"ab"]),
        (WHOLE + WHOLE + b"ab", [b"", b"ab"]),
        (WHOLE, [b""]),
        (WHOLE + b"ok" + WHOLE[:20], [b"ok"]),
        (WHOLE + b"ok" + WHOLE + b"a", [b"ok"]),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE + b"ok", [b"ok"]),
    ],
)
def test_whole_answers_are_read_from_what_came(came: bytes, bodies: list[bytes]) -> None:
    assert [answer.body for answer in answers_in(came)] == bodies


@pytest.mark.parametrize(
    "came", [b"no HTTP", WHOLE + b"ok and more", b"HTTP/1.1 200 OK\r\n\r\nok", b"x" + WHOLE + b"ok"]
)
def test_what_is_not_http_is_an_error(came: bytes) -> None:
    with pytest.raises(NotHttpError):
        answers_in(came)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (RawAnswer(200, {}, b""), None),
        (RawAnswer(404, PROBLEM, b'{"status": 404}'), None),
        (RawAnswer(503, PROBLEM, b'{"status": 503}'), None),
        (RawAnswer(500, PROBLEM, b'{"status": 500}'), "answered 500"),
        (RawAnswer(404, PROBLEM, b'{"status": 400}'), "answered 404 with the problem of another status"),
        (RawAnswer(404, {b"content-type": b"text/plain"}, b""), "answered 404 with b'text/plain'"),
    ],
)
def test_an_answer_is_judged(answer: RawAnswer, wrong: str | None) -> None:
    assert wrong_with(answer) == wrong
