"""Requests that never become one: what cannot be parsed as HTTP, heads without end, and clients that do not go on."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import Kind, Problem
from api.security_headers import SECURITY_HEADERS

_LARGEST_HEAD_BYTES: Final = 64 * 1024
_DETAIL: Final = f"this is not HTTP, or its path and headers have more than {_LARGEST_HEAD_BYTES:,} bytes"


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which bounds neither path nor headers nor time, and tells what is not HTTP in plain text.

    A client is cut off that owes something for `request_seconds`: a whole head, the rest of a body that was answered
    already, or to take its answer. Bodies that are waited for and answers are the business of api.time_limit.
    """

    request_seconds = 60.0
    _head_bytes = 0
    _owes_since: float | None = None
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin with a client, which has to send something."""
        super().connection_made(transport)
        self._owes_since = self.loop.time()
        self._look = self.loop.call_later(self.request_seconds, self._look_at_client)

    def connection_lost(self, exc: Exception | None) -> None:
        """End with a client."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, of which a request has to become something: line ends alone do not."""
        if self._owes_since is None:
            self._owes_since = self.loop.time()
        super().data_received(data)

    def pause_writing(self) -> None:
        """Note that the client does not take its answer as fast as it comes."""
        super().pause_writing()
        self._owes_since = self.loop.time()

    def resume_writing(self) -> None:
        """Note that it took some."""
        super().resume_writing()
        self._owes_since = None

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._head_bytes = 0
        self._owes_since = self.loop.time()

    def on_message_complete(self) -> None:
        """End a request."""
        super().on_message_complete()
        self._owes_since = None

    def on_url(self, url: bytes) -> None:
        """Take a piece of the path."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(name + value)
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's text says less)
        """Tell the problem and close."""
        answer = Problem(Kind.BAD_REQUEST, _DETAIL, headers={"Connection": "close"}).answer()
        headers = [*answer.raw_headers, *SECURITY_HEADERS]
        head = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head + b"\r\n" + bytes(answer.body))
        self.transport.close()

    def _look_at_client(self) -> None:
        """Cut the client off, or look again when it may be time."""
        now = self.loop.time()
        if self._owes_since is None and self.transport.is_closing():
            # There is an end of an answer that it does not take.
            self._owes_since = now
        owes_for = 0.0 if self._owes_since is None or self._is_under_way() else now - self._owes_since
        if owes_for >= self.request_seconds:
            self.transport.abort()
            return
        self._look = self.loop.call_later(self.request_seconds - owes_for, self._look_at_client)

    def _is_under_way(self) -> bool:
        """Whether it is for the application to go on."""
        return self.cycle is not None and not self.cycle.response_complete and not self.flow.write_paused

    def _count(self, piece: bytes) -> None:
        """Add a piece of the head. The parser turns the error into a call of send_400_response."""
        self._head_bytes += len(piece)
        if self._head_bytes > _LARGEST_HEAD_BYTES:
            raise ValueError(_DETAIL)


def protocol_with(request_seconds: float) -> type[StrictProtocol]:
    """Give the protocol with a limit on what a client may owe; uvicorn makes the instances, and passes nothing on."""
    return type("StrictProtocol", (StrictProtocol,), {"request_seconds": request_seconds})
