"""Runs a command in a process of its own, and says what it took: wall seconds, and memory at its peak.

A process is not started by its measurer but by this module as a small process between: on Linux the peak that a child
reports begins at what the process held that started it (exec keeps the figure), so that a large parent would show.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final, Never

CHECKOUT: Final = Path(__file__).resolve().parents[1]
_KIBIBYTE: Final = 1024


@dataclass(frozen=True)
class Measured:
    """One run of a command: wall seconds of the whole process, its largest resident set, and what it wrote."""

    seconds: float
    peak_bytes: int
    exit_code: int
    output: str
    errors: str


def measure_python(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run this Python with arguments in a folder, where it finds this project and leaves its temporary files.

    Raises RuntimeError, with what the process said last, where it fails.
    """
    places = {"PYTHONPATH": str(CHECKOUT), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "benchmarks.measuring", sys.executable, *arguments]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, env={**environment, **places})
    try:
        told, _ = starter.communicate()
    except BaseException:
        starter.terminate()
        starter.wait()
        raise
    measured = Measured(**json.loads(told))
    if measured.exit_code:
        raise RuntimeError(f"{' '.join(arguments)} ended with {measured.exit_code}: {measured.errors[-1000:]}")
    return measured


def own_peak_bytes() -> int:
    """Give the most memory that this process has held until now, without what its starter held."""
    return own_bytes("VmHWM")


def own_bytes(figure: str) -> int:
    """Give one of the figures of memory in /proc/self/status, such as RssFile. Raises LookupError."""
    for row in Path("/proc/self/status").read_text().splitlines():
        name, _, value = row.partition(":")
        if name == figure:
            return int(value.split()[0]) * _KIBIBYTE
    raise LookupError(f"/proc/self/status has no {figure}")


def _measure(command: list[str]) -> Measured:
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak_bytes = usage.ru_maxrss * _KIBIBYTE
        return Measured(seconds, peak_bytes, process.returncode, _written(output), _written(errors))


def _written(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _stop(_signal: int, _frame: object) -> Never:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.stdout.write(json.dumps(asdict(_measure(sys.argv[1:]))))
