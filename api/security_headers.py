"""What every answer tells browsers not to do with it."""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

RawHeader = tuple[bytes, bytes]
_CSP: Final = b"content-security-policy"
# Answers to whoever shows a token are for nobody else's cache.
_PRIVATE: Final = ("/api/model/", "/metrics")
SECURITY_HEADERS: Final[list[RawHeader]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (_CSP, b"default-src 'none'; frame-ancestors 'none'"),
]
_FOR_ONE: Final[list[RawHeader]] = [*SECURITY_HEADERS, (b"cache-control", b"no-store")]


class SecurityHeaders:
    """Middleware that adds the headers; a page that says itself what it may load keeps its Content-Security-Policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add to the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        more = _FOR_ONE if scope["path"].startswith(_PRIVATE) else SECURITY_HEADERS

        async def send_adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _joined(message.get("headers", ()), more)
            await send(message)

        await self._app(scope, receive, send_adding)


def _joined(headers: Iterable[RawHeader], more: list[RawHeader]) -> list[RawHeader]:
    for name, _ in headers:
        if name == _CSP:
            return [*headers, *(header for header in more if header[0] != _CSP)]
    return [*headers, *more]
