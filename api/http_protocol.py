"""Requests that never become one: what cannot be parsed as HTTP, and heads without end."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import Kind, Problem

_LARGEST_HEAD_BYTES: Final = 64 * 1024
_DETAIL: Final = f"this is not HTTP, or its path and headers have more than {_LARGEST_HEAD_BYTES:,} bytes"


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which bounds neither path nor headers, and tells what is not HTTP in plain text."""

    _head_bytes = 0

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._head_bytes = 0

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
        head = b"".join(b"%s: %s\r\n" % header for header in answer.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head + b"\r\n" + bytes(answer.body))
        self.transport.close()

    def _count(self, piece: bytes) -> None:
        """Add a piece of the head. The parser turns the error into a call of send_400_response."""
        self._head_bytes += len(piece)
        if self._head_bytes > _LARGEST_HEAD_BYTES:
            raise ValueError(_DETAIL)
