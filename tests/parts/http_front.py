"""A front before a real HTTP server: it repeats requests as they came, and gives the answers as they came, or does not.

What it does with a request is for its subclasses to say; here are the pieces that they are made of.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

_SINGLE_HOP = {"connection", "expect", "keep-alive", "transfer-encoding"}

Front = TypeVar("Front", bound=ThreadingHTTPServer)


class FrontHandler(BaseHTTPRequestHandler):
    """One request and what becomes of it; a connection carries one only."""

    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes) -> None:
        """Do something with the request, whose body is given."""
        raise NotImplementedError

    def _serve(self) -> None:
        self.close_connection = True
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 (http.server looks for these)

    def pass_on(self, connection: HTTPConnection, body: bytes) -> HTTPResponse:
        """Repeat the request as it came, its Host header too: a signature may cover it."""
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _SINGLE_HOP:
                connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse()

    def give(self, response: HTTPResponse) -> None:
        """Give the server's answer as it came, piece by piece."""
        self.give_head(response)
        while piece := response.read(1 << 16):
            self.wfile.write(piece)

    def give_head(self, response: HTTPResponse) -> None:
        """Give the server's status and headers."""
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _SINGLE_HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def give_error(self, status: int, body: bytes, content_type: str) -> None:
        """Answer an error of our own."""
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving(front: Front) -> Iterator[Front]:
    """Let a front serve for as long as the context lasts."""
    with front:
        thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield front
        finally:
            front.shutdown()
            thread.join()
