"""Runs of the trainer as child processes: one at a time, and none left behind when the server ends."""

import importlib.util
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final

from api.run_log import RunLog, read_log
from api.training_runs import RunState, RunUnderWayError, TrainerMissingError, TrainingRun

log = logging.getLogger(__name__)

_KEPT_RUNS: Final = 20
_GRACE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Child:
    """A trainer that was started. Its log is a file without a name, so that it can write whoever reads or does not."""

    run_id: str
    started_at: datetime
    log_file: IO[bytes]
    process: subprocess.Popen[bytes]

    def describe(self, exit_code: int | None) -> TrainingRun:
        """Describe the run as it is now."""
        said = read_log(self.log_file.fileno())
        return TrainingRun(
            run_id=self.run_id,
            state=_state(exit_code),
            started_at=self.started_at,
            finished_at=None if exit_code is None else datetime.now(UTC),
            exit_code=exit_code,
            outcome=said.outcome,
            version=said.version,
            error=_error(said, exit_code),
            messages=said.messages,
        )


class ChildRuns:
    """Starts runs and remembers the newest. `command` is None where there is no trainer to start."""

    def __init__(
        self,
        command: Sequence[str] | None,
        when_ended: Callable[[], None],
        grace_seconds: float = _GRACE_SECONDS,
    ) -> None:
        self._command, self._when_ended, self._grace_seconds = command, when_ended, grace_seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._watcher: threading.Thread | None = None
        self._ended: dict[str, TrainingRun] = {}

    def start(self) -> str:
        """Start a run and give its id. Raises RunUnderWayError, TrainerMissingError."""
        with self._lock:
            if self._child is not None:
                raise RunUnderWayError(self._child.run_id)
            child = self._child = _launch(self._command)
            self._watcher = threading.Thread(target=self._watch, args=(child,), name="trainer", daemon=True)
            self._watcher.start()
        log.info("Started the trainer: run %s", child.run_id)
        return child.run_id

    def get(self, run_id: str) -> TrainingRun | None:
        """Describe a run, None where there is no such run or it is forgotten."""
        with self._lock:
            if self._child is not None and self._child.run_id == run_id:
                return self._child.describe(exit_code=None)
            return self._ended.get(run_id)

    def under_way(self) -> TrainingRun | None:
        """Describe the run that has not ended, None where there is none."""
        with self._lock:
            return None if self._child is None else self._child.describe(exit_code=None)

    def stop(self) -> None:
        """End a run that is under way, with force where it does not end by itself."""
        child, watcher = self._child, self._watcher
        if child is None or watcher is None:
            return
        log.warning("Stopping the trainer: run %s", child.run_id)
        child.process.terminate()
        watcher.join(self._grace_seconds)
        if watcher.is_alive():
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            watcher.join()

    def _watch(self, child: _Child) -> None:
        exit_code = child.process.wait()
        with self._lock:
            ended = self._ended[child.run_id] = child.describe(exit_code)
            while len(self._ended) > _KEPT_RUNS:
                del self._ended[next(iter(self._ended))]
            self._child = None
            child.log_file.close()
        log.info("Run %s %s: %s", ended.run_id, ended.state, ended.outcome or ended.error or f"exit code {exit_code}")
        self._when_ended()


def trainer_command() -> list[str] | None:
    """Give the command that trains once, None where this installation has no trainer."""
    found = importlib.util.find_spec("trainer")
    # A folder that merely has the name is found too, but comes from no file.
    return None if found is None or found.origin is None else [sys.executable, "-m", "trainer"]


def _launch(command: Sequence[str] | None) -> _Child:
    """Start the trainer in a session of its own, so that Ctrl-C in the server's terminal does not reach it."""
    if command is None:
        raise TrainerMissingError("no trainer is installed beside this server", hint="Run it where it is")
    log_file = tempfile.TemporaryFile(prefix="recommender-run-")  # noqa: SIM115 (closed when the run has ended)
    try:
        process = subprocess.Popen(  # noqa: S603 (the command is ours)
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log_file,
            start_new_session=True,
            env={**os.environ, "LOG_FORMAT": "json"},
        )
    except OSError as error:
        log_file.close()
        raise TrainerMissingError(f"the trainer cannot be started: {error.strerror}") from None
    return _Child(uuid.uuid4().hex[:12], datetime.now(UTC), log_file, process)


def _state(exit_code: int | None) -> RunState:
    if exit_code is None:
        return RunState.RUNNING
    return RunState.FAILED if exit_code else RunState.SUCCEEDED


def _error(said: RunLog, exit_code: int | None) -> str | None:
    """Give the line a failure ended with; a process that was killed says nothing in particular."""
    if not exit_code:
        return None
    return said.error or next(iter(said.messages[-1:]), None)
