"""Every error that a client can see, as problem+json (RFC 9457): the kinds, and which exception becomes which."""

import logging
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exchanges import route_of
from api.json_answers import JsonAnswer
from api.validation import body_is_not_json, body_is_not_said_to_be_json, in_words, shorten, wrong_fields
from cluster.errors import ClusterRefusedError, ClusterUnavailableError, NotInClusterError
from model.errors import DamagedModelError
from registry.erasures import DamagedErasuresError
from registry.objects import StoreRefusedError
from registry.pointer import LostRaceError
from runtime import log_fields
from runtime.errors import BadSettingsError, TryAgainError

log = logging.getLogger(__name__)


class Kind(Enum):
    """What can go wrong: HTTP status and title. The name in small letters is the `code` of the answer."""

    INVALID_JSON = 400, "The body is not JSON"
    BAD_REQUEST = 400, "The request cannot be understood"
    HOST_REFUSED = 400, "This server is not served by this name"
    ORIGIN_REFUSED = 400, "Pages of this origin may not ask"
    NOT_AUTHORIZED = 401, "The token is missing or wrong"
    ADMIN_DISABLED = 403, "The admin routes are closed"
    ROLE_REFUSED = 403, "The token may not do this"
    PRODUCT_NOT_FOUND = 404, "The model knows no such product"
    VERSION_NOT_FOUND = 404, "The store holds no such version"
    RUN_NOT_FOUND = 404, "There is no such run"
    ROUTE_NOT_FOUND = 404, "There is nothing at this path"
    METHOD_NOT_ALLOWED = 405, "This path does not take this method"
    REQUEST_TOO_SLOW = 408, "The request did not come in time"
    VERSION_REFUSED = 409, "This version cannot be put in service"
    RUN_IN_PROGRESS = 409, "The trainer is running already"
    BODY_TOO_LARGE = 413, "The body is too large"
    BODY_NOT_JSON_TYPE = 415, "The body is not said to be JSON"
    INVALID_REQUEST = 422, "The request has wrong values"
    TOO_MANY_REQUESTS = 429, "Too many requests from this address"
    INTERNAL_ERROR = 500, "Something went wrong in this server"
    MODEL_NOT_TRAINED = 503, "No model has been trained yet"
    MODEL_NOT_AVAILABLE = 503, "The model cannot be loaded now"
    STORE_UNAVAILABLE = 503, "The store does not answer"
    CLUSTER_UNAVAILABLE = 503, "The cluster did not carry this out"
    TRAINER_UNAVAILABLE = 503, "The trainer cannot be started here"
    ANSWER_TOO_SLOW = 503, "The answer was not ready in time"

    def __init__(self, status: int, title: str) -> None:
        self.status = status
        self.title = title

    @property
    def code(self) -> str:
        """The name that clients tell kinds apart by."""
        return self.name.lower()


class Problem(HTTPException):
    """An error to be told to the client; `members` are further members of the answer."""

    def __init__(self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> None:
        super().__init__(kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.members = members

    def answer(self) -> "ProblemAnswer":
        """Render the problem, with the id of the request that it answers."""
        content = describe(self.kind, self.detail) | self.members | _request_id()
        return ProblemAnswer(content, status_code=self.kind.status, headers=self.headers)


class ProblemAnswer(JsonAnswer):
    """An answer that is a problem."""

    media_type = "application/problem+json"


class UnexpectedErrors:
    """Middleware for what nobody foresaw: logged with its traceback, told to the client without."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer it if nothing else did."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def send_noting_start(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception as error:
            log.exception("%s %s failed with %s", scope["method"], route_of(scope), type(error).__name__)
            if answered:
                raise
            await Problem(Kind.INTERNAL_ERROR, "the server's log says what").answer()(scope, receive, send)


def map_exceptions(app: FastAPI) -> None:
    """Have every exception told as its problem."""
    app.add_exception_handler(Exception, _leave_to_unexpected_errors)
    app.add_exception_handler(HTTPException, _tell_http_error)
    app.add_exception_handler(RequestValidationError, _tell_wrong_request)
    for exception in _KINDS:
        app.add_exception_handler(exception, _tell_recommender_error)


def describe(kind: Kind, detail: str) -> dict[str, object]:
    """Give the members that every problem has."""
    uri = f"urn:recommender:problem:{kind.code}"
    return {"type": uri, "title": kind.title, "status": kind.status, "code": kind.code, "detail": detail}


def _request_id() -> dict[str, str]:
    """Give the member that leads from an answer to its log lines; what is not HTTP is no request and has none."""
    request_id = log_fields.current().get("request_id")
    return {"request_id": request_id} if request_id else {}


_KINDS: Final[Mapping[type[Exception], Kind]] = {
    ClusterRefusedError: Kind.CLUSTER_UNAVAILABLE,
    NotInClusterError: Kind.CLUSTER_UNAVAILABLE,
    ClusterUnavailableError: Kind.CLUSTER_UNAVAILABLE,
    StoreRefusedError: Kind.STORE_UNAVAILABLE,
    DamagedErasuresError: Kind.STORE_UNAVAILABLE,
    LostRaceError: Kind.VERSION_REFUSED,
    DamagedModelError: Kind.VERSION_REFUSED,
    BadSettingsError: Kind.VERSION_REFUSED,
    TryAgainError: Kind.STORE_UNAVAILABLE,
}


async def _leave_to_unexpected_errors(_request: Request, error: Exception) -> ProblemAnswer:
    """Keep FastAPI from telling in plain text what nobody foresaw."""
    raise error


async def _tell_recommender_error(_request: Request, error: Exception) -> ProblemAnswer:
    kind = next(_KINDS[cls] for cls in type(error).__mro__ if cls in _KINDS)
    return Problem(kind, str(error)).answer()


async def _tell_http_error(request: Request, error: Exception) -> ProblemAnswer:
    if isinstance(error, Problem):
        return error.answer()
    assert isinstance(error, HTTPException)  # noqa: S101 (what this handler is registered for)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem(Kind.ROUTE_NOT_FOUND, f"no route has the path {shorten(request.url.path)}").answer()
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        return Problem(Kind.METHOD_NOT_ALLOWED, f"this path takes {allowed}", headers=error.headers).answer()
    return Problem(Kind.BAD_REQUEST, error.detail).answer()


async def _tell_wrong_request(_request: Request, error: Exception) -> ProblemAnswer:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (what this handler is registered for)
    details = error.errors()
    if body_is_not_json(details):
        return Problem(Kind.INVALID_JSON, in_words(wrong_fields(details))).answer()
    if body_is_not_said_to_be_json(details):
        return Problem(Kind.BODY_NOT_JSON_TYPE, "send the body with `Content-Type: application/json`").answer()
    fields = wrong_fields(details)
    return Problem(Kind.INVALID_REQUEST, in_words(fields), errors=fields).answer()
