"""Who may retrain and roll back: whoever sends the admin token."""

import hmac
from typing import Annotated, Final

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Kind, Problem
from api.services import Parts

_BEARER: Final = HTTPBearer(auto_error=False, description="The value of the ADMIN_TOKEN setting.")
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="recommender"'}
ADMIN_PROBLEMS: Final = (Kind.NOT_AUTHORIZED, Kind.ADMIN_DISABLED)


async def require_admin(
    parts: Parts, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> None:
    """Let only those pass who send `Authorization: Bearer <ADMIN_TOKEN>`; where none is set, nobody."""
    token = parts.settings.admin_token
    if token is None:
        raise Problem(Kind.ADMIN_DISABLED, "set ADMIN_TOKEN on the server to open them")
    # Headers are bytes that Starlette reads as Latin-1; compared as bytes, a token may be any text.
    given = credentials.credentials.encode("latin-1") if credentials else b""
    if not hmac.compare_digest(given, token.get_secret_value().encode()):
        raise Problem(Kind.NOT_AUTHORIZED, "send `Authorization: Bearer <ADMIN_TOKEN>`", headers=_CHALLENGE)
