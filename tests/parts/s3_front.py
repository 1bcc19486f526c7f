"""An HTTP front before a real S3 store: it passes requests on, but answers errors or loses answers when told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from typing import cast

from tests.parts.http_front import FrontHandler, serving

_ERROR = b"<Error><Code>InternalError</Code><Message>trouble made by a test</Message></Error>"


@dataclass(frozen=True)
class _Trouble:
    """What happens to one request. Status 0: it is passed on and done, but its answer is lost."""

    method: str | None
    status: int


class S3Front(ThreadingHTTPServer):
    """Listens on a port of its own; `requests` are the method and path of each request that came in."""

    daemon_threads = True

    def __init__(self, target_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target_port = target_port
        self.requests: list[str] = []
        self._troubles: list[_Trouble] = []
        self._lock = threading.Lock()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer_with(self, status: int, *, times: int, method: str | None = None) -> None:
        """Answer the next so many requests, of one method or of any, with an error and pass none of them on."""
        self._add(_Trouble(method, status), times)

    def lose_answers(self, *, times: int, method: str | None = None) -> None:
        """Pass the next so many requests on, and drop the connection instead of answering."""
        self._add(_Trouble(method, status=0), times)

    def trouble_for(self, method: str, path: str) -> _Trouble | None:
        """Note a request, and take the trouble that is meant for it."""
        with self._lock:
            self.requests.append(f"{method} {path}")
            for trouble in self._troubles:
                if trouble.method in {None, method}:
                    self._troubles.remove(trouble)
                    return trouble
        return None

    def _add(self, trouble: _Trouble, times: int) -> None:
        with self._lock:
            self._troubles += [trouble] * times


class _Handler(FrontHandler):
    def answer(self, body: bytes) -> None:
        front = cast("S3Front", self.server)
        trouble = front.trouble_for(self.command, self.path)
        if trouble and trouble.status:
            self.give_error(trouble.status, _ERROR, "application/xml")
            return
        connection = HTTPConnection("127.0.0.1", front.target_port, timeout=30)
        try:
            response = self.pass_on(connection, body)
            if not trouble:
                self.give(response)
        finally:
            connection.close()


@contextmanager
def s3_front(target_port: int) -> Iterator[S3Front]:
    """Run a front for as long as the context lasts."""
    with serving(S3Front(target_port)) as front:
        yield front
