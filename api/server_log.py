"""uvicorn's own log lines: those that matter, one line each."""

import logging
from typing import Final

_UVICORN: Final = logging.getLogger("uvicorn.error")
_TRACEBACK: Final = "Traceback (most recent call last):"


def quieten() -> None:
    """Let uvicorn say what is wrong and nothing else."""
    _UVICORN.setLevel(logging.WARNING)
    _UVICORN.addFilter(_shorten_traceback)


def _shorten_traceback(record: logging.LogRecord) -> bool:
    """Make one line of a start or an end that failed, which comes as a traceback in words."""
    message = record.getMessage()
    if message.startswith(_TRACEBACK):
        reason = message.strip().splitlines()[-1]
        record.msg, record.args = "the server's start or end failed: %s. This is a bug: please report it", (reason,)
        record.exception = message
    return True
