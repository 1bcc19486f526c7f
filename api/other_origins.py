"""Which pages of other origins may ask for recommendations from a browser (CORS)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Kind, Problem

_PATHS: Final = ("/api/products/", "/api/users/", "/api/recommendations")
_METHODS: Final = ("GET", "POST")


class OtherOrigins:
    """Middleware that lets pages of `origins` ask for lists, without credentials; no other route is opened to any."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app, self._opened = app, _ProblemCors(app, origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, where it is for a list with the headers that a browser waits for."""
        opened = scope["type"] == "http" and scope["path"].startswith(_PATHS)
        await (self._opened if opened else self._app)(scope, receive, send)


class _ProblemCors(CORSMiddleware):
    """Starlette's, which refuses in plain text."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(app, allow_origins=origins, allow_methods=_METHODS, allow_headers=("Content-Type",))

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        detail = "CORS_ORIGINS does not hold the page's origin, or it asks for more than a list takes"
        return Problem(Kind.ORIGIN_REFUSED, detail, headers={"Vary": "Origin"}).answer()
