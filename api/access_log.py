"""One log line a request."""

import logging
import time
from http import HTTPStatus
from typing import Final

from starlette.types import Scope

from api.exchanges import PROBES, Exchange

log = logging.getLogger(__name__)

_LONGEST_USER_AGENT: Final = 100
_LONGEST_PATH: Final = 200
_LINE: Final = {"name": __name__, "levelno": logging.INFO, "levelname": "INFO", "msg": "%s %s %d %.1f ms"}
_RECORD: Final = logging.makeLogRecord(_LINE).__dict__


class AccessLog:
    """Logs requests, of probes and scrapes only those that failed; with `errors_only`, of all requests.

    A path names users, so that it is logged only where `paths` says so.
    """

    def __init__(self, *, errors_only: bool, paths: bool) -> None:
        self._errors_only, self._paths = errors_only, paths

    def note(self, exchange: Exchange) -> None:
        """Log a request."""
        passes_silently = self._errors_only or exchange.route in PROBES
        if (passes_silently and exchange.status < HTTPStatus.BAD_REQUEST) or not log.isEnabledFor(logging.INFO):
            return
        fields = _fields(exchange)
        if self._paths:
            fields["path"] = exchange.scope["path"][:_LONGEST_PATH]
        # log.info would look for the line of code that called it, and try each field's name: half of the cost.
        log.handle(_record(fields, _told(exchange)))


def user_agent_of(scope: Scope) -> str:
    """Give what the client calls itself, cut short."""
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent: str = value[:_LONGEST_USER_AGENT].decode("latin-1")
            return agent
    return ""


def client_of(scope: Scope) -> str:
    """Give the client's address; behind a proxy, the proxy's."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _record(fields: dict[str, object], told: tuple[object, ...]) -> logging.LogRecord:
    """Make a record of now; logging's own constructor asks for thread, process and file, which no line tells."""
    now = time.time()
    record = logging.LogRecord.__new__(logging.LogRecord)
    record.__dict__ = {**_RECORD, **fields, "args": told, "created": now, "msecs": int(now % 1 * 1000) + 0.0}
    return record


def _told(exchange: Exchange) -> tuple[object, ...]:
    return exchange.method, exchange.route, exchange.status, exchange.seconds * 1000


def _fields(exchange: Exchange) -> dict[str, object]:
    fields: dict[str, object] = {
        "event": "request",
        "method": exchange.method,
        "route": exchange.route,
        "status": exchange.status,
        "duration_ms": round(exchange.seconds * 1000, 3),
        "bytes": exchange.sent_bytes,
        "client": client_of(exchange.scope),
        "user_agent": user_agent_of(exchange.scope),
    }
    if exchange.model_version:
        fields["model_version"] = exchange.model_version
    if exchange.source:
        fields |= {"source": exchange.source, "products": exchange.n_products}
    return fields
