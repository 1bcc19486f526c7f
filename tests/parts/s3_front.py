"""An HTTP front before a real S3 store: it passes requests on, but answers errors or loses answers when told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

_SINGLE_HOP = {"connection", "expect", "keep-alive", "transfer-encoding"}


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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        front = cast("S3Front", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        trouble = front.trouble_for(self.command, self.path)
        self.close_connection = True
        if trouble and trouble.status:
            self._answer_error(trouble.status)
            return
        connection = HTTPConnection("127.0.0.1", front.target_port, timeout=30)
        try:
            response = self._pass_on(connection, body)
            if not trouble:
                self._answer(response)
        finally:
            connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 (http.server looks for these names)

    def _pass_on(self, connection: HTTPConnection, body: bytes) -> HTTPResponse:
        """Repeat the request as it came, its Host header too: the signature covers it."""
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _SINGLE_HOP:
                connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse()

    def _answer(self, response: HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _SINGLE_HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := response.read(1 << 16):
            self.wfile.write(piece)

    def _answer_error(self, status: int) -> None:
        body = b"<Error><Code>InternalError</Code><Message>trouble made by a test</Message></Error>"
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def s3_front(target_port: int) -> Iterator[S3Front]:
    """Run a front for as long as the context lasts."""
    with S3Front(target_port) as front:
        serving = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        try:
            yield front
        finally:
            front.shutdown()
            serving.join()
