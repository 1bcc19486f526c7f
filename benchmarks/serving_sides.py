"""Servers to be compared, each a process on a core of its own choice: ours, and one that gives one answer to all."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measuring import CHECKOUT
from tests.api.live import free_port

_START_SECONDS: Final = 60.0
_KIBIBYTE: Final = 1024
_MODEL_FILE: Final = "model.safetensors"
# The server writes one itself, and the other is about the connection that we asked on.
_NOT_REPEATED: Final = frozenset({"date", "connection"})


@dataclass(frozen=True)
class Answer:
    """The head and the body of an answer."""

    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Server:
    """A server that listens on a port of loopback."""

    port: int
    pid: int

    def answer_to(self, path: str) -> Answer:
        """Ask for a path."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as found:
            headers = {name.lower(): value for name, value in found.headers.items()}
            return Answer({k: v for k, v in headers.items() if k not in _NOT_REPEATED}, found.read().decode())

    def memory(self) -> tuple[int, int]:
        """Give the bytes in memory of the mapped model, and of all else; what processes share counts by its share.

        Those of its workers count too, where it has several.
        """
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        models, others = zip(*map(_memory, (str(self.pid), *workers)), strict=True)
        return sum(models), sum(others)


@contextmanager
def ours(folder: Path, store: Path, core: int, access_log: str, n_workers: int = 1) -> Iterator[Server]:
    """Serve a store with `python -m api`; its log goes to a file in the folder."""
    port = free_port()
    settings = {"API_HOST": "127.0.0.1", "API_PORT": str(port), "STORE_URL": store.as_uri(), "ACCESS_LOG": access_log}
    settings["API_WORKERS"] = str(n_workers)
    with _process(folder, core, [sys.executable, "-m", "api"], {**settings, "LOG_FORMAT": "json"}, port) as server:
        yield server


@contextmanager
def bare(folder: Path, core: int, answer: Answer) -> Iterator[Server]:
    """Give one answer to every request."""
    port = free_port()
    path = folder / "answer.json"
    path.write_text(json.dumps([list(answer.headers.items()), answer.body]))
    command = [sys.executable, "-m", "benchmarks.bare_server", str(port), str(path)]
    with _process(folder, core, command, {}, port) as server:
        yield server


@contextmanager
def _process(folder: Path, core: int, command: list[str], settings: Mapping[str, str], port: int) -> Iterator[Server]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(folder), **settings}
    with (folder / f"log of {port}").open("wb") as log:
        pinned = ["taskset", "--cpu-list", str(core), *command]
        process = subprocess.Popen(pinned, cwd=folder, env=environment, stderr=log)
        try:
            _wait(process, port)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait()


def _memory(pid: str) -> tuple[int, int]:
    sizes, is_model = {False: 0, True: 0}, False
    for row in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, _, rest = row.partition(" ")
        if not name.endswith(":"):
            is_model = _MODEL_FILE in rest
        elif name == "Pss:":
            sizes[is_model] += int(rest.split()[0]) * _KIBIBYTE
    return sizes[True], sizes[False]


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < ends_at:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start to serve within {_START_SECONDS:g} s")
