"""Requests that no sane client sends, by seed: the bytes of each, whole, for one connection that is kept alive."""

import json
import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# What looks at what it is sent is asked most; what only tells something takes the server the longest.
_ASKING: Final = (
    "/api/products/popular",
    "/api/products/{}/similar",
    "/api/products/{}/substitutes",
    "/api/products/{}/complements",
    "/api/users/{}",
    "/api/users/{}/recommendations",
    "/api/recommendations",
    "/api/model/rollback",
    "/api/model/runs/{}",
    "/{}",
    "/{}/{}",
)
_TELLING: Final = (
    "/api/model",
    "/api/model/versions",
    "/api/health",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
)
_ROUTES: Final = _ASKING * 4 + _TELLING
_METHODS: Final = ("GET",) * 6 + ("POST",) * 6 + ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW", "get")
_TYPES: Final = ("application/json",) * 6 + (
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "",
    "json",
)
_ODD_TEXTS: Final = (
    "", " ", "10", "-1", "0", "%", "%2", "%zz", "%00", "%0d%0a", "%c3%28", "%ff%fe", "%F0%9F%9B%92", "%2e%2e/%2e%2e",
    "..", "//", "\\", "'", '"', "';--", "<script>", "NaN", "1e309", "9" * 400, "%u0041", "\x7f", "%ed%a0%80", "+", ";",
    "a=b", "{}",
)  # fmt: skip
_PARAMETERS: Final = ("k", "exclude_seen", "reasons", "category", "", "k[]", "K", "%6b", "\x7f")
_ODD_VALUES: Final[tuple[object, ...]] = (
    None, True, 0, -1, 10, 1.5, 1e300, 10**40, "", "10", "\x00", "\ud800", "ü" * 500, [], {}, [[]], {"": {}},
)  # fmt: skip
_NOT_JSON: Final = (
    b"",
    b"{",
    b"[",
    b'{"k":',
    b"\xff\xfe",
    b"\x00",
    b"nan",
    b"NaN",
    b"{}{}",
    b"[" * 5000,
    b"1e999999",
    b'"\\u12"',
)


def fuzzed_request(chance: random.Random) -> bytes:
    """Give one request: a line, headers, and a body as long as they say."""
    method, body = chance.choice(_METHODS), _body(chance)
    line = f"{method} {_path(chance)}{_query(chance)} HTTP/1.1\r\n".encode("utf-8", "replace")
    headers = b"Host: localhost\r\nContent-Length: %d\r\n" % len(body)
    kind = f"Content-Type: {chance.choice(_TYPES)}\r\n".encode()
    return line + headers + kind + _junk(chance) + b"\r\n" + body


def _path(chance: random.Random) -> str:
    route = chance.choice(_ROUTES)
    return route.format(*(_text(chance) for _ in range(route.count("{}"))))


def _query(chance: random.Random) -> str:
    pairs = (f"{chance.choice(_PARAMETERS)}={_text(chance)}" for _ in range(chance.choice((0, 0, 1, 1, 2, 5))))
    return "?" * (chance.random() < 0.7) + "&".join(pairs)


def _text(chance: random.Random) -> str:
    """Give text as a URL may have it: odd, random bytes percent-encoded, or long."""
    way = chance.random()
    if way < 0.6:
        return chance.choice(_ODD_TEXTS)
    if way < 0.95:
        return "".join(f"%{byte:02x}" for byte in chance.randbytes(chance.randrange(1, 12)))
    return chance.choice("a9%") * chance.choice((100, 1000, 8000))


def _body(chance: random.Random) -> bytes:
    ways: tuple[Callable[[random.Random], bytes], ...] = (_no_body, _basket, _basket, _odd_json, _not_json, _damaged)
    return chance.choice(ways)(chance)


def _no_body(_chance: random.Random) -> bytes:
    return b""


def _not_json(chance: random.Random) -> bytes:
    return chance.choice(_NOT_JSON) if chance.random() < 0.7 else chance.randbytes(chance.randrange(1, 60))


def _odd_json(chance: random.Random) -> bytes:
    return json.dumps({name: chance.choice(_ODD_VALUES) for name in ("products", "events", "k", "version")}).encode()


def _basket(chance: random.Random) -> bytes:
    """Give a body that is almost right: the basket or the session has odd ids or values in it."""
    ids = [chance.choice(("10", "20", "4711", chance.choice(_ODD_VALUES))) for _ in range(chance.randrange(4))]
    events = [{"product_id": one, "event": chance.choice(("view", "purchase", "", None))} for one in ids]
    kinds: tuple[dict[str, object], ...] = ({"products": ids}, {"events": events})
    asked = chance.choice(kinds)
    return json.dumps(asked | chance.choice(({}, {"k": 5}, {"k": chance.choice(_ODD_VALUES)}))).encode()


def _damaged(chance: random.Random) -> bytes:
    """Give an almost right body of which one byte is another."""
    body = bytearray(_basket(chance))
    body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def _junk(chance: random.Random) -> bytes:
    """Give a header that means nothing here, or something wrong; none most of the time."""
    if chance.random() < 0.6:
        return b""
    name = chance.choice(
        (
            b"X-Request-ID",
            b"Authorization",
            b"Accept",
            b"Cookie",
            b"traceparent",
            b"X-Forwarded-For",
            b"Origin",
            b"X-Junk",
        )
    )
    printable = bytes(byte for byte in chance.randbytes(chance.choice((4, 40, 400))) if byte >= 32 and byte != 127)
    return name + b": " + chance.choice((b"", b"Bearer ", b"a-b")) + printable + b"\r\n"
