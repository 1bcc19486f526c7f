"""A limit on request bodies, whether a body's length is announced or it comes in pieces."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Kind, Problem


class BodyLimit:
    """Middleware that refuses a body of more than `max_bytes` before it is held in memory."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as far as its body may be read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = _announced(scope["headers"])
        if announced is None:
            await self._app(scope, receive, send)
            return
        if announced.isdigit() and int(announced) > self._max_bytes:
            await self._too_large().answer()(scope, receive, send)
            return
        received_bytes = 0

        async def receive_counting() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_bytes:
                raise self._too_large()
            return message

        await self._app(scope, receive_counting, send)

    def _too_large(self) -> Problem:
        # The connection stays open: uvicorn drops the rest of the body as it comes, and a client that is still sending
        # would lose this answer if the connection were closed under it.
        return Problem(Kind.BODY_TOO_LARGE, f"a body may have {self._max_bytes:,} bytes")


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Give the length of the body, empty where it is not said; None where no body comes."""
    found = None
    for name, value in headers:
        if name == b"content-length":
            return value
        if name == b"transfer-encoding":
            found = b""
    return found
