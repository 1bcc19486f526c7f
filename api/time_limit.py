"""How long a request may take: to come in whole, and to be answered."""

import asyncio
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Kind, Problem

# The rest of the body may still come, however slowly.
_CLOSE: Final = {"Connection": "close"}
_NOT_WHOLE: Final = "the body did not come whole within"
_GOES_ON: Final = "whatever was asked for may still come about; it was not done within"


class TimeLimit:
    """Middleware that answers in the place of what takes longer than `seconds`.

    A request whose body is waited for is ended. One that is worked on is answered, and what it asked for goes on:
    no thread can be stopped, and a change of the model is better done than half done.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds
        # All have the same time, so that the first to come is the first whose time is over, and one timer does for all.
        self._under_way: dict[_Request, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, which is ended or answered once its time is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope, receive, send, self._seconds)
        self._under_way[request] = None
        if self._timer is None:
            self._set_timer(self._seconds)
        try:
            await self._app(scope, request.receive, request.send)
        except asyncio.CancelledError:
            await request.tell_if_ended()
        finally:
            self._under_way.pop(request, None)

    def _set_timer(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)

    def _expire(self) -> None:
        self._timer = None
        for request in list(self._under_way):
            left = request.ends_at - time.monotonic()
            if left > 0:
                self._set_timer(left)
                return
            del self._under_way[request]
            request.expire()


class _Request:
    """One request under a clock."""

    __slots__ = ("_is_answered", "_is_ended", "_receive", "_scope", "_seconds", "_send", "_told", "_waiting", "ends_at")

    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        self._scope, self._receive, self._send, self._seconds = scope, receive, send, seconds
        self.ends_at = time.monotonic() + seconds
        self._is_answered = self._is_ended = False
        # What waits for the body, and what tells that the answer is late.
        self._waiting: asyncio.Task[object] | None = None
        self._told: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        self._waiting = asyncio.current_task()
        message = await self._receive()
        self._waiting = None
        return message

    async def send(self, message: Message) -> None:
        if self._told is None:
            self._is_answered = True
            await self._send(message)

    def expire(self) -> None:
        """End the request or answer it, whichever there is to do."""
        if self._is_answered:
            return
        if self._waiting is not None:
            self._is_ended = True
            self._waiting.cancel()
        else:
            # Held, since the event loop alone would let go of it.
            self._told = asyncio.create_task(self._tell(Kind.ANSWER_TOO_SLOW, _GOES_ON))

    async def tell_if_ended(self) -> None:
        """Answer a request whose task was cancelled; where others did that, cancel it."""
        if not self._is_ended:
            raise asyncio.CancelledError
        await self._tell(Kind.REQUEST_TOO_SLOW, _NOT_WHOLE)

    async def _tell(self, kind: Kind, what: str) -> None:
        problem = Problem(kind, f"{what} {self._seconds:g} s", headers=_CLOSE)
        await problem.answer()(self._scope, self._receive, self._send)
