"""Dask's log lines as one plain line each, among ours: it brings handlers, levels and tracebacks of its own."""

import logging
from typing import Final

# What is said of each family; a refused connection, of which tornado warns, Dask tells too.
_LEVELS: Final = {
    **dict.fromkeys(("distributed", "distributed.client", "distributed.gc"), logging.WARNING),
    # What was under way is cancelled when a worker closes: it warns of each piece.
    "distributed.worker.state_machine": logging.ERROR,
    **dict.fromkeys(("bokeh", "tornado", "tornado.application"), logging.ERROR),
}
_FAMILIES: Final = frozenset({"distributed", "bokeh", "tornado", "asyncio"})
_LONGEST: Final = 400


class OneLine(logging.Filter):
    """Makes one line of what Dask says, with what was raised at its end and no traceback; it drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record of Dask's; leave those of others."""
        if record.name.split(".")[0] in _FAMILIES:
            _shorten(record)
        return True


def calm_dask() -> None:
    """Hand Dask's warnings and errors to our handlers; with LOG_LEVEL=DEBUG all it says, tracebacks included.

    To be called after `distributed` is imported, which sets loggers up, and after runtime.logs.set_up_logging.
    """
    root = logging.getLogger()
    wants_all = root.level <= logging.DEBUG
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET if wants_all else level)
    if not wants_all:
        for handler in root.handlers:
            handler.addFilter(_ONE_LINE)


def _shorten(record: logging.LogRecord) -> None:
    text = record.getMessage().split("\nTraceback:")[0]
    raised = record.exc_info[1] if record.exc_info else None
    if raised is not None and str(raised) not in text:
        text = f"{text}: {type(raised).__name__}: {raised}"
    text = " ".join(text.split())
    record.msg, record.args = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", None
    record.exc_info = record.exc_text = record.stack_info = None


# One for all: a handler takes the same filter once.
_ONE_LINE: Final = OneLine()
