"""Connections that send bytes as they are, and read answers strictly: what is not HTTP is an error."""

import re
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedReader, BytesIO
from typing import BinaryIO, Final

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [ -~]*\r\n")
_BEGINNING: Final = b"HTTP/1.1 "
# The server closes a connection after five.
_LEFT_ALONE_SECONDS: Final = 2.0
_END_OF_HEAD: Final = b"\r\n\r\n"
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
    """Asks over one connection, and over a new one after an answer that ends it. `asked` is not answered yet."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._stream: BufferedReader | None = None
        self.asked: bytes | None = None
        self._asked_at = 0.0

    def send(self, request: bytes) -> None:
        """Send a request, whose answer is then to be received. Raises NotHttpError.

        A connection that has been left alone is not used again: the server may be closing it at this moment.
        """
        if time.monotonic() - self._asked_at > _LEFT_ALONE_SECONDS:
            self.close()
        try:
            (self._socket or self._connect()).sendall(request)
        except OSError as error:
            raise self._ended(error) from error
        self.asked, self._asked_at = request, time.monotonic()

    def receive(self) -> RawAnswer:
        """Read the answer to what was sent. Raises NotHttpError."""
        assert self._stream is not None
        assert self.asked is not None
        with_body, self.asked = not self.asked.startswith(b"HEAD "), None
        try:
            answer = _read(self._stream, with_body=with_body)
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

    def _connect(self) -> socket.socket:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        return self._socket

    def _ended(self, error: Exception) -> NotHttpError:
        self.close()
        return NotHttpError(f"{type(error).__name__}: {error}")


class Burst:
    """A connection that sends bytes which need not be a request, and takes what has come back a while later."""

    def __init__(self, port: int, sent: bytes) -> None:
        self.sent = sent
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        # Closed with a reset, so that no port is kept for a minute.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(ConnectionError):  # it need not wait for the end of what it refused
            self._socket.sendall(sent)

    def answers(self) -> list[RawAnswer]:
        """Give the whole answers that have come, and end the connection. Raises NotHttpError."""
        came = b""
        self._socket.setblocking(False)
        with self._socket, suppress(BlockingIOError, ConnectionError):
            while piece := self._socket.recv(1 << 20):
                came += piece
        return answers_in(came)


def answers_in(came: bytes) -> list[RawAnswer]:
    """Read the whole answers among what came. Raises NotHttpError.

    One that has no body, as that to HEAD, is known by what follows: nothing, or the next answer.
    """
    answers, stream = list[RawAnswer](), BytesIO(came)
    while came.find(_END_OF_HEAD, stream.tell()) >= 0:
        status, headers = _head(stream)
        if status < HTTPStatus.OK:
            continue
        rest = came[stream.tell() :]
        length = 0 if not rest or rest.startswith(_BEGINNING) else _length(headers)
        if len(rest) < length:
            return answers
        answers.append(RawAnswer(status, headers, stream.read(length)))
    if not _BEGINNING.startswith(came[stream.tell() :][: len(_BEGINNING)]):
        raise NotHttpError(f"behind {len(answers)} answers comes {came[stream.tell() :][:60]!r}")
    return answers


def _read(stream: BufferedReader, *, with_body: bool) -> RawAnswer:
    status, headers = _head(stream)
    length = _length(headers) if with_body else 0
    body = stream.read(length)
    if len(body) != length:
        raise NotHttpError(f"the answer ends after {len(body)} of {length} bytes")
    return RawAnswer(status, headers, body)


def _head(stream: BinaryIO) -> tuple[int, dict[bytes, bytes]]:
    line = stream.readline()
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise NotHttpError(f"the answer begins with {line[:60]!r}")
    return int(found[1]), _headers(stream)


def _length(headers: dict[bytes, bytes]) -> int:
    if b"content-length" not in headers:
        raise NotHttpError("the answer does not say how long it is")
    return int(headers[b"content-length"])


def _headers(stream: BinaryIO) -> dict[bytes, bytes]:
    headers = {}
    while (line := stream.readline()) != b"\r\n":
        found = _HEADER.fullmatch(line)
        if found is None:
            raise NotHttpError(f"an answer's header is {line[:60]!r}")
        headers[found[1].lower()] = found[2]
    return headers
