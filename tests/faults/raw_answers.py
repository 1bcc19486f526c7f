"""One kept-alive connection that sends bytes as they are, and reads answers strictly: what is not HTTP is an error."""

import re
import socket
from dataclasses import dataclass
from io import BufferedReader
from typing import Final

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [ -~]*\r\n")
_HEADER: Final = re.compile(rb"([!#-'*+\-.0-9A-Z^-z|~]+): ?([^\r\n\x00]*)\r\n")


class NotHttpError(Exception):
    """The server answered with something else than HTTP, or with nothing."""


@dataclass(frozen=True)
class RawAnswer:
    """A whole answer; header names are in small letters."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class RawConnection:
    """Asks over one connection, and over a new one after an answer that ends it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._stream: BufferedReader | None = None

    def send(self, request: bytes) -> None:
        """Send a request, whose answer is then to be received. Raises NotHttpError."""
        try:
            stream = self._stream or self._connect()
            assert self._socket is not None
            self._socket.sendall(request)
        except OSError as error:
            raise self._ended(error) from error
        self._asked = stream, not request.startswith(b"HEAD ")

    def receive(self) -> RawAnswer:
        """Read the answer to what was sent. Raises NotHttpError."""
        stream, with_body = self._asked
        try:
            answer = _read(stream, with_body=with_body)
        except (OSError, NotHttpError) as error:
            raise self._ended(error) from error
        if answer.headers.get(b"connection") == b"close":
            self.close()
        return answer

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None and self._stream is not None:
            self._stream.close()
            self._socket.close()
        self._socket = self._stream = None

    def _connect(self) -> BufferedReader:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        return self._stream

    def _ended(self, error: Exception) -> NotHttpError:
        self.close()
        return NotHttpError(f"{type(error).__name__}: {error}")


def _read(stream: BufferedReader, *, with_body: bool) -> RawAnswer:
    line = stream.readline()
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise NotHttpError(f"the answer begins with {line[:60]!r}")
    headers = _headers(stream)
    if b"content-length" not in headers:
        raise NotHttpError("the answer does not say how long it is")
    length = int(headers[b"content-length"]) if with_body else 0
    body = stream.read(length)
    if len(body) != length:
        raise NotHttpError(f"the answer ends after {len(body)} of {length} bytes")
    return RawAnswer(int(found[1]), headers, body)


def _headers(stream: BufferedReader) -> dict[bytes, bytes]:
    headers = {}
    while (line := stream.readline()) != b"\r\n":
        found = _HEADER.fullmatch(line)
        if found is None:
            raise NotHttpError(f"an answer's header is {line[:60]!r}")
        headers[found[1].lower()] = found[2]
    return headers
