"""What a run logs, kept in the store beside its entry in metrics.json, so that it is there to read in the morning."""

import logging
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from registry.history import Run
from registry.objects import ObjectStore
from registry.run_logs import LARGEST_LOG_BYTES, write_run_log
from runtime.settings import Settings

log = logging.getLogger(__name__)

_LONGEST_LINE: Final = 2000
# Room for the line that says how many others were left out.
_MOST_BYTES: Final = LARGEST_LOG_BYTES - 100
_HIDDEN: Final = "***"
# What a driver may tell of an address: mysql://user:password@host.
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]*(?=@)")


class RunLog(logging.Handler):
    """The last lines of a run, as long as a log may be, without any of the secrets."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(logging.INFO)
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._lines: deque[str] = deque()
        self._size_bytes = self._n_left_out = 0
        self._kept_for: tuple[ObjectStore, Run] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit: the other handlers say so
            message = str(record.msg)
        self.add(datetime.fromtimestamp(record.created, UTC), record.levelname, message)

    def add(self, at: datetime, level: str, message: str) -> None:
        """Take a message, on one line; the oldest go where there are too many."""
        line = f"{at:%Y-%m-%dT%H:%M:%SZ} {level} {self._without_secrets(' '.join(message.split()))[:_LONGEST_LINE]}"
        self._lines.append(line)
        self._size_bytes += _size_of(line)
        while self._size_bytes > _MOST_BYTES:
            self._size_bytes -= _size_of(self._lines.popleft())
            self._n_left_out += 1

    def belongs_to(self, store: ObjectStore, run: Run) -> None:
        """Say where this log is to be kept, and of which entry it is."""
        self._kept_for = store, run

    def keep(self) -> None:
        """Write the log. Where that fails, the run's own outcome matters more, so it is only logged."""
        if self._kept_for is None:
            return
        store, run = self._kept_for
        left_out = [f"… {self._n_left_out:,} lines before these were left out"] if self._n_left_out else []
        try:
            write_run_log(store, run.timestamp, "\n".join([*left_out, *self._lines, ""]))
        except Exception as error:  # noqa: BLE001 (whatever it is)
            log.warning("This run's log was not kept: %s", error)

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _IN_ADDRESS.sub(_HIDDEN, text)


@contextmanager
def kept_log(settings: Settings) -> Iterator[RunLog]:
    """Listen to what is logged while the context lasts, and keep it where it is said then to whom it belongs."""
    listening = RunLog(_secrets_of(settings))
    root = logging.getLogger()
    root.addHandler(listening)
    try:
        yield listening
    except BaseException as error:
        listening.add(datetime.now(UTC), "ERROR", str(error) or type(error).__name__)
        raise
    finally:
        root.removeHandler(listening)
        listening.keep()


def _secrets_of(settings: Settings) -> list[str]:
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def _size_of(line: str) -> int:
    return len(line.encode(errors="replace")) + 1
