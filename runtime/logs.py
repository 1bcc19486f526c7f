"""Log lines: plain sentences on a terminal, one JSON object a line elsewhere, and the same lines in LOG_FILE."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from runtime.errors import BadSettingsError
from runtime.log_fields import LogFields
from runtime.settings import Settings

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName", "asctime"}
_RULE: Final = "=" * 70
_JSON: Final = json.JSONEncoder(ensure_ascii=False, default=str)

Encode = Callable[[Mapping[str, object]], str]


def as_json(line: Mapping[str, object]) -> str:
    """Write a line's fields as JSON; what JSON has no word for becomes text."""
    return _JSON.encode(line)


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, logger, message, and every field given as `extra`."""

    def __init__(self, encode: Encode = as_json) -> None:
        super().__init__()
        self._encode = encode

    def format(self, record: logging.LogRecord) -> str:
        """Render the record on one line."""
        line = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in record.__dict__.items() if key not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._encode(line)


class HumanFormatter(logging.Formatter):
    """The message alone; the level leads where it is not plain information. Tracebacks are for JSON.

    A record with `banner` in its extra stands between two rules; the id of a request follows what was logged during it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Render the record as a sentence."""
        message = record.getMessage()
        if getattr(record, "banner", False):
            return f"{_RULE}\n{message}\n{_RULE}"
        level = "" if record.levelno <= logging.INFO else f"{record.levelname}: "
        request_id = getattr(record, "request_id", None)
        return f"{level}{message} [{request_id}]" if request_id else f"{level}{message}"


def set_up_logging(settings: Settings, encode: Encode = as_json) -> None:
    """Send all log lines to standard error (standard output is for results), and to LOG_FILE where one is set.

    `encode` writes those that are JSON.     Raises BadSettingsError where LOG_FILE cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if settings.log_file:
        handlers.append(_file_handler(Path(settings.log_file)))
    human = wants_human_lines(settings)
    for handler in handlers:
        handler.setFormatter(HumanFormatter() if human else JsonFormatter(encode))
        handler.addFilter(LogFields())
    # No line tells these, and they are a third of what a line costs.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=settings.log_level, handlers=handlers, force=True)
    logging.captureWarnings(capture=True)


def wants_human_lines(settings: Settings) -> bool:
    """Whether log lines are for a person: LOG_FORMAT decides, and a terminal where it says auto."""
    if settings.log_format == "auto":
        return sys.stderr.isatty()
    return settings.log_format == "human"


@lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat().removesuffix("+00:00")


def _file_handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        message = f"wrong settings: LOG_FILE={str(path)!r} cannot be written: {error.strerror}"
        raise BadSettingsError(message) from None
