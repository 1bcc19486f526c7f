"""Which names this server is asked by: a page elsewhere must not reach it by a name of its own (DNS rebinding)."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Kind, Problem
from api.validation import shorten

# Probes know a pod by its address, or by whatever name whoever wrote them chose.
_PROBES: Final = frozenset({"/healthz", "/readyz"})
_DETAIL: Final = "TRUSTED_HOSTS does not hold the host"


class HostNames:
    """Middleware that refuses requests by other names than `trusted`, each a name or `*.` and one.

    The address at which the connection came in is always taken: no page can have it as its own, and it is how the
    trainer asks replicas.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(name for name in trusted if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in trusted if name.startswith("*"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"host"), b"")
        host = _without_port(given.decode("latin-1")).lower()
        if host in self._names or host.endswith(self._suffixes) or _is_own_address(host, scope):
            await self._app(scope, receive, send)
            return
        await Problem(Kind.HOST_REFUSED, f"{_DETAIL} {shorten(host)}").answer()(scope, receive, send)


def _without_port(host: str) -> str:
    end = host.find("]") + 1
    return host[:end] if end else host.partition(":")[0]


def _is_own_address(host: str, scope: Scope) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")) == ipaddress.ip_address(scope["server"][0])
    except (ValueError, TypeError):
        return False
