"""Trainers of a fork server: started in milliseconds, each a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.faults.forking import Order

_LONGEST_RUN_SECONDS = 60.0


@dataclass(frozen=True)
class Ended:
    """How a trainer ended: its exit code, or minus the signal that killed it; and all that it said."""

    exit_code: int
    log: str

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL


class Trainers:
    """One fork server, which runs one trainer at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, order: Order, started: Callable[[int], object] = lambda _: None) -> Ended:
        """Run a trainer to its end; `started` is told its pid. One that hangs is killed by SIGABRT, which tells."""
        assert self._process.stdin
        self._process.stdin.write(f"{order.to_json()}\n")
        self._process.stdin.flush()
        pid = int(_line_of(self._process.stdout))
        started(pid)
        watchdog = threading.Timer(_LONGEST_RUN_SECONDS, os.kill, (pid, signal.SIGABRT))
        watchdog.start()
        try:
            status = int(_line_of(self._process.stdout))
        finally:
            watchdog.cancel()
        return Ended(os.waitstatus_to_exitcode(status), Path(order.output).read_text(errors="replace"))


@contextmanager
def forked_trainers(folder: Path, environment: Mapping[str, str]) -> Iterator[Trainers]:
    """Run a fork server for as long as the context lasts. Its first run of the trainer is in the folder."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.faults.forking", str(folder)]
    with (
        (folder / "forking.log").open("w") as log,
        subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        said = process.stdout.readline() if process.stdout else ""
        if said != "ready\n":
            raise RuntimeError(f"the fork server does not start:\n{(folder / 'forking.log').read_text()}")
        yield Trainers(process)


def _line_of(stream: IO[str] | None) -> str:
    line = stream.readline() if stream else ""
    if not line:
        raise RuntimeError("the fork server is gone")
    return line
