"""The audit log: one line for each change of a model that somebody asked for, and for each time nobody was let in."""

import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from api.exchanges import route_of
from api.problems import Problem
from api.tokens import Token
from api.validation import shorten

_LOG: Final = logging.getLogger("audit")
# Whatever LOG_LEVEL says: who looks for what happened needs all of it.
_LOG.setLevel(logging.INFO)
_DONE: Final = "done"


@dataclass(frozen=True)
class Caller:
    """Who asks for something, and from where."""

    who: str
    client: str
    token: Token | None = None

    @property
    def recorded_as(self) -> str:
        """What current.json says of who promoted a version."""
        return "api" if self.token is None or self.token.name is None else f"api: {self.token.name}"

    @contextmanager
    def changing(self, action: str) -> Iterator["Change"]:
        """Log a change once it is done or failed; what is raised passes on."""
        change = Change(action)
        try:
            yield change
        except Problem as problem:
            self._log(change, problem.kind.code)
            raise
        except Exception as error:
            self._log(change, f"failed with {type(error).__name__}")
            raise
        self._log(change, _DONE)

    def log_refusal(self, request: Request, outcome: str) -> None:
        """Log that this caller was not let in. A path may name a user: its route is told."""
        self._log(Change(f"{request.method} {shorten(route_of(request.scope))}"), outcome)

    def _log(self, change: "Change", outcome: str) -> None:
        level = logging.INFO if outcome == _DONE else logging.WARNING
        extra = {"who": self.who, "action": change.action, "client": self.client, "outcome": outcome}
        told = f"{change.action} {change.object}".strip()
        if change.object:
            extra["object"] = change.object
        _LOG.log(level, "%s by %s from %s: %s", told, self.who, self.client, outcome, extra=extra)


@dataclass
class Change:
    """What is asked for; its object, a version or a run, may be known only once it is done."""

    action: str
    object: str = ""


def client_of(request: Request) -> str:
    """Give the client's address: the connection's, or what a proxy that is trusted (TRUSTED_PROXIES) forwarded."""
    given = request.client.host if request.client else ""
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return shorten(given)
