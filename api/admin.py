"""Who may retrain, roll back and look: whoever sends a token with the role for it, and not too often."""

import math
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.audit import Caller, client_of
from api.problems import Kind, Problem
from api.rate_limit import Refusal
from api.services import Parts, Services
from api.tokens import Role, Token, find_token

SCHEME_NAME: Final = "token"
_DESCRIPTION: Final = "A token of the ADMIN_TOKEN setting, or for looking only METRICS_TOKEN."
_BEARER: Final = HTTPBearer(scheme_name=SCHEME_NAME, auto_error=False, description=_DESCRIPTION)
_SCHEME: Final = "bearer "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="recommender"'}
READER_PROBLEMS: Final = (Kind.NOT_AUTHORIZED, Kind.ADMIN_DISABLED, Kind.TOO_MANY_REQUESTS)
ADMIN_PROBLEMS: Final = (*READER_PROBLEMS, Kind.ROLE_REFUSED)
METRICS_PROBLEMS: Final = (Kind.NOT_AUTHORIZED, Kind.TOO_MANY_REQUESTS)


async def require_admin(request: Request, parts: Parts) -> Caller:
    """Let only those pass who send a token that may change models; where none is set, nobody."""
    caller = _let_in(request, parts)
    if caller.token is None or caller.token.role is not Role.ADMIN:
        raise _refused(request, caller, Problem(Kind.ROLE_REFUSED, "this takes a token with the role admin"))
    return caller


async def require_reader(request: Request, parts: Parts) -> Caller:
    """Let those pass who send any token, on routes that are closed with the admin routes."""
    return _let_in(request, parts)


async def require_metrics(request: Request, parts: Parts) -> None:
    """Let everybody pass, or where METRICS_TOKEN is set those who send any token."""
    if parts.settings.metrics_token is None:
        return
    caller = _nobody(request)
    # Whoever guesses too often is not told whether the next guess is right.
    _check_rate(request, caller, parts.admin_rate.refused(caller.client))
    if find_token(parts.tokens, _given(request)) is None:
        parts.admin_rate.take(caller.client)
        raise _refused(request, caller, _not_authorized())


def _let_in(request: Request, parts: Services) -> Caller:
    nobody = _nobody(request)
    _check_rate(request, nobody, parts.admin_rate.take(nobody.client))
    if parts.settings.admin_token is None:
        raise _refused(request, nobody, Problem(Kind.ADMIN_DISABLED, "set ADMIN_TOKEN on the server to open them"))
    token: Token | None = find_token(parts.tokens, _given(request))
    if token is None:
        raise _refused(request, nobody, _not_authorized())
    return Caller(token.label, nobody.client, token)


def _given(request: Request) -> bytes:
    """Give what was sent as a token; nothing where nothing was, which is no token either."""
    header = request.headers.get("authorization", "")
    # Headers are bytes that Starlette reads as Latin-1; compared as bytes, a token may be any text.
    return header[len(_SCHEME) :].strip().encode("latin-1") if header.lower().startswith(_SCHEME) else b""


def _nobody(request: Request) -> Caller:
    return Caller("nobody", client_of(request))


def _not_authorized() -> Problem:
    return Problem(Kind.NOT_AUTHORIZED, "send `Authorization: Bearer <token>`", headers=_CHALLENGE)


def _refused(request: Request, caller: Caller, problem: Problem) -> Problem:
    caller.log_refusal(request, problem.kind.code)
    return problem


def _check_rate(request: Request, caller: Caller, refusal: Refusal | None) -> None:
    if refusal is None:
        return
    # One line each time an address is cut off, and not one a request: the log is not theirs to fill.
    if refusal.is_first:
        caller.log_refusal(request, Kind.TOO_MANY_REQUESTS.code)
    seconds = math.ceil(refusal.wait_seconds)
    headers = {"Retry-After": str(seconds)}
    raise Problem(Kind.TOO_MANY_REQUESTS, f"ask again in {seconds} s", headers=headers)


Admin = Annotated[Caller, Depends(require_admin)]
NEEDS_TOKEN: Final = Depends(_BEARER)
