"""A container's termination message: one line that outlives the process and that its pod's status shows."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

TERMINATION_LOG: Final = Path("/dev/termination-log")
_LONGEST_ERROR: Final = 2000  # the kubelet keeps 4,096 bytes of the whole line


@dataclass(frozen=True)
class Termination:
    """How a run of the trainer ended; what is not known is None."""

    outcome: str | None = None
    version: str | None = None
    error: str | None = None


def write_termination(termination: Termination, path: Path = TERMINATION_LOG) -> None:
    """Leave a message where this is a pod: the kubelet has made the file. Raises OSError."""
    if not path.exists():
        return
    kept = {**asdict(termination), "error": termination.error and termination.error[:_LONGEST_ERROR]}
    path.write_text(json.dumps(kept))


def read_termination(message: str | None) -> Termination:
    """Read a message; one that is not ours, such as the last lines of a log, is told as the error."""
    if not message:
        return Termination()
    try:
        content = json.loads(message)
        return Termination(**{name: None if content[name] is None else str(content[name]) for name in _FIELDS})
    except (ValueError, KeyError, TypeError, RecursionError):
        return Termination(error=message.strip()[-_LONGEST_ERROR:])


_FIELDS: Final = ("outcome", "version", "error")
