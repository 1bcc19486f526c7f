"""The end of a trainer's log, and what it says about its run."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_READ_BYTES: Final = 256 * 1024
_KEPT_MESSAGES: Final = 50
_LONGEST_MESSAGE: Final = 500


@dataclass(frozen=True)
class RunLog:
    """The last messages; what the `run_finished` line gives; the message of the `ended` line, which tells a failure."""

    messages: list[str]
    outcome: str | None
    version: str | None
    error: str | None


def read_log(descriptor: int) -> RunLog:
    """Read the end of a log of JSON lines, wherever its writer is; other lines are messages as they stand."""
    lines = [_parse(line) for line in _last_lines(descriptor)]
    finished = _last_event(lines, "run_finished")
    return RunLog(
        messages=[str(line["message"])[:_LONGEST_MESSAGE] for line in lines[-_KEPT_MESSAGES:]],
        outcome=_text(finished.get("outcome")),
        version=_text(finished.get("version")),
        error=_text(_last_event(lines, "ended").get("message")),
    )


def _last_lines(descriptor: int) -> list[str]:
    """Read without moving the position, which the writing process shares."""
    start = max(0, os.fstat(descriptor).st_size - _READ_BYTES)
    lines = os.pread(descriptor, _READ_BYTES, start).decode(errors="replace").splitlines()
    whole = lines[1:] if start else lines
    return [line for line in whole if line.strip()]


def _parse(line: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, dict) and "message" in parsed else {"message": line}


def _last_event(lines: list[Mapping[str, Any]], event: str) -> Mapping[str, Any]:
    return next((line for line in reversed(lines) if line.get("event") == event), {})


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:_LONGEST_MESSAGE]
