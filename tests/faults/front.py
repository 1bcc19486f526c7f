"""An HTTP front before a store or an API server: it numbers the requests, and makes the trouble that one is to meet."""

import re
import select
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from typing import Final, cast

from tests.faults.tap import plain
from tests.faults.troubles import KILLS, Call, Kind, Strike
from tests.parts.http_front import FrontHandler

_SILENCE_SECONDS: Final = 30.0


@dataclass(frozen=True)
class ErrorAnswer:
    """What a server of this kind answers in trouble."""

    status: int
    body: bytes
    content_type: str


class Client:
    """The process whose requests a front numbers; how to kill it may be known a little after its first request."""

    def __init__(self) -> None:
        self._is_known = threading.Event()
        self._kill: Callable[[], object] = self._is_known.is_set

    def killed_by(self, kill: Callable[[], object]) -> None:
        """Be told how."""
        self._kill = kill
        self._is_known.set()

    def is_gone(self) -> None:
        """Be told that the process has ended: its pid may be another one's by now."""
        self.killed_by(self._is_known.is_set)

    def kill(self) -> None:
        self._is_known.wait()
        self._kill()


class FaultyFront(ThreadingHTTPServer):
    """Before the server that `connect` leads to."""

    daemon_threads = True

    def __init__(self, connect: Callable[[], HTTPConnection], errors: Mapping[Kind, ErrorAnswer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connect, self.errors = connect, errors
        self._lock = threading.Lock()
        self.expect(None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def expect(self, strike: Strike | None) -> None:
        """Number requests from 0 again, for another client."""
        self.calls: list[Call] = []
        self.struck: list[int] = []
        self._strike = strike
        self.client = Client()

    def note(self, call: Call) -> tuple[int, Kind | None]:
        """Number a request, and give the trouble that is meant for it."""
        with self._lock:
            number = len(self.calls)
            self.calls.append(call)
            if self._strike is None or not self._strike.meets(number):
                return number, None
            self.struck.append(number)
            return number, self._strike.trouble.kind

    def learn(self, number: int, call: Call) -> None:
        """Note what was learnt of a request from its answer."""
        with self._lock:
            if number < len(self.calls):
                self.calls[number] = call

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are killed here."""


class _Handler(FrontHandler):
    def answer(self, body: bytes) -> None:
        front = cast("FaultyFront", self.server)
        self._client = front.client
        call = Call(_name(self.command, self.path), sends=bool(body))
        number, kind = front.note(call)
        error = front.errors.get(kind) if kind else None
        if error:
            self.give_error(error.status, error.body, error.content_type)
        elif kind is Kind.TIMEOUT:
            select.select([self.connection], [], [], _SILENCE_SECONDS)
        elif kind is Kind.KILL_BEFORE:
            self._client.kill()
        else:
            connection = front.connect()
            try:
                self._answer_by(connection, body, kind, (number, call))
            finally:
                connection.close()

    def _answer_by(self, connection: HTTPConnection, body: bytes, kind: Kind | None, noted: tuple[int, Call]) -> None:
        front, (number, call) = cast("FaultyFront", self.server), noted
        if kind is Kind.KILL_DURING:
            self._send_half(connection, body)
            self._client.kill()
            return
        response = self.pass_on(connection, body)
        given = response.read() if self.command != "HEAD" else b""
        front.learn(number, Call(call.name, call.sends, receives=bool(given)))
        if kind in KILLS:
            self._client.kill()
        elif kind is not Kind.LOST:
            self.give_head(response)
            self.wfile.write(given[: len(given) // 2] if kind is Kind.CUT else given)

    def _send_half(self, connection: HTTPConnection, body: bytes) -> None:
        """Have the server receive half of a body, as from a client that dies in the middle of it."""
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"connection", "expect"}:
                connection.putheader(name, value)
        connection.endheaders(body[: len(body) // 2])


def _name(method: str, path: str) -> str:
    """Name a request by what is the same in every run."""
    parts = urllib.parse.urlsplit(path)
    options = re.sub(r"=[^&]*", "", parts.query)
    return plain(f"{method} {urllib.parse.unquote(parts.path)}{f'?{options}' if options else ''}")
