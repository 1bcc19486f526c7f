"""Servers of a test session: started on a port of the system's choosing, ended by their own pid."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

_ATTEMPTS = 3
_START_SECONDS = 60
_END_SECONDS = 15


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def start_server(
    command: Callable[[int], list[str]],
    is_ready: Callable[[int], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server and wait until it answers; where another process took its port first, take another."""
    for _ in range(_ATTEMPTS):
        port = free_port()
        process = start(command(port), log, environment)
        if answers(process, partial(is_ready, port)):
            return process, port
        end(process)
    raise RuntimeError(f"{command(0)[0]} does not start:\n{log.read_text(errors='replace')[-2000:]}")


def start(command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a process that the system ends with this one, even when that is killed; Ctrl-C does not reach it."""
    setpriv = shutil.which("setpriv")
    bound = [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command
    with log.open("ab") as output:
        return subprocess.Popen(
            bound, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )


def answers(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(0.02)
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end it where it does not listen."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
