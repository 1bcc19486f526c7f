"""Bytes that are no request, or almost one, by seed: each is sent over a connection of its own, whatever comes back."""

import random
from collections.abc import Callable
from typing import Final

from tests.faults.fuzzed_requests import fuzzed_request

_PIECES: Final = (
    b"", b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"\r\n\r\n", b"\r\n ", b"%", b"\xff", b"\x7f", b"HTTP/1.1",
    b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1\r\nHost: x", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 1\r\nContent-Length: 2\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Connection: close\r\n",
    b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"Upgrade: websocket\r\n", b"Expect: 100-continue\r\n", b"Host: \r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n\r\n",
    b"a" * 70_000, b"X: y\r\n" * 300,
)  # fmt: skip
_CHUNK_SIZES: Final = (b"0", b"1", b"5", b"ffffffffffffffff", b"10000000000000000", b"-1", b"zz", b"", b"5;a=b", b" 5")
_PATHS: Final = (b"/api/recommendations", b"/api/model/rollback", b"/api/products/popular?k=1", b"/healthz")


def fuzzed_bytes(chance: random.Random) -> bytes:
    """Give what to send."""
    return chance.choice(_WAYS)(chance)


def _damaged(chance: random.Random) -> bytes:
    """Give a request in which some bytes are others, are gone, or have pieces between them."""
    sent = bytearray(fuzzed_request(chance))
    for _ in range(chance.choice((1, 1, 2, 5))):
        # Most bytes of a long body are alike, and all that is parsed is at the beginning.
        first = chance.randrange(min(len(sent), 300)) if sent else 0
        last = first + chance.choice((0, 0, 1, 1, 3, 20))
        sent[first:last] = chance.choice((chance.choice(_PIECES), chance.randbytes(chance.randrange(4))))
    return bytes(sent)


def _cut(chance: random.Random) -> bytes:
    sent = fuzzed_request(chance)
    return sent[: chance.randrange(1, len(sent))]


def _pipelined(chance: random.Random) -> bytes:
    """Give several requests at once, the last of them perhaps damaged."""
    first = b"".join(fuzzed_request(chance) for _ in range(chance.choice((1, 2, 4))))
    return first + chance.choice((fuzzed_request, _damaged, _cut))(chance)


def _chunked(chance: random.Random) -> bytes:
    """Give a body in chunks, whose sizes may be wrong."""
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    chunks = b"".join(_chunk(chance) for _ in range(chance.choice((0, 1, 2, 10))))
    return head % chance.choice(_PATHS) + chance.choice((b"\r\n", b"\r\n", *_PIECES)) + chunks + b"0\r\n\r\n"


def _chunk(chance: random.Random) -> bytes:
    body = chance.randbytes(chance.randrange(20))
    size = b"%x" % len(body) if chance.random() < 0.7 else chance.choice(_CHUNK_SIZES)
    return size + b"\r\n" + body + chance.choice((b"\r\n", b"\r\n", b"\r\n", b""))


def _noise(chance: random.Random) -> bytes:
    return chance.choice(_PIECES) + chance.randbytes(chance.choice((1, 10, 100, 1000)))


_WAYS: Final[tuple[Callable[[random.Random], bytes], ...]] = (_damaged, _damaged, _cut, _pipelined, _chunked, _noise)
