"""Fields of every log line that is written while something is under way, such as the id of the request it is about."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Final

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=_NONE)


class LogFields(logging.Filter):
    """Puts the fields of the moment into each record; it drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Complete a record."""
        record.__dict__.update(_fields.get())
        return True


def enter(fields: Mapping[str, str]) -> Token[Mapping[str, str]]:
    """Have these fields in every line from now on, in this task and the threads that work for it."""
    return _fields.set(fields)


def leave(entered: Token[Mapping[str, str]]) -> None:
    """End what `enter` began."""
    _fields.reset(entered)


def current() -> Mapping[str, str]:
    """Give the fields of the moment."""
    return _fields.get()
