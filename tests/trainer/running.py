"""Running `python -m trainer` as users do: in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

TRAIN = (sys.executable, "-m", "trainer")
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How a run ended, and what it said."""

    exit_code: int
    output: str
    log: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log's JSON records."""
        return [json.loads(line) for line in self.log.splitlines()]

    @property
    def last_line(self) -> str:
        return self.log.splitlines()[-1]


def train(*arguments: str, **environment: str) -> Ended:
    """Run the trainer with a database, a store and other settings in its environment, and human log lines."""
    ended = subprocess.run(
        [*TRAIN, *arguments],
        env={**os.environ, "LOG_FORMAT": "human", **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def assert_one_clear_line(ended: Ended, exit_code: int, *parts: str) -> None:
    """The command failed with this exit code, its last line names all the parts, and there is no stack trace."""
    assert ended.exit_code == exit_code, ended.log
    errors = [line for line in ended.log.splitlines() if line.startswith("ERROR: ") and "Outcome" not in line]
    assert len(errors) == 1, ended.log
    assert errors == [ended.last_line]
    for part in parts:
        assert part in ended.last_line
    for trace in ("Traceback", "panicked", "stack backtrace"):
        assert trace not in ended.log
