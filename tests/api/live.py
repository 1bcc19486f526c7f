"""Real servers for tests: one in a thread of this process, one as `python -m api`; both on loopback ports."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import uvicorn

from api.app import create_app
from api.server import listen, server_config
from api.settings import ApiSettings
from registry.settings import open_store

REPOSITORY = Path(__file__).parents[2]
TOKEN = "a-token-of-this-test"
JSON = {"Content-Type": "application/json"}
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def parts_of(series: str) -> tuple[str, list[str]]:
    """The name of a series, and its labels sorted."""
    name, _, labels = series.partition("{")
    return name, sorted(re.findall(r'\w+="[^"]*"', labels))


def settings_for(folder: Path, **overrides: object) -> ApiSettings:
    """Settings that neither this machine's environment nor its .env touches."""
    given: dict[str, object] = {
        "store_url": folder.as_uri(),
        "api_host": "127.0.0.1",
        "admin_token": TOKEN,
        "model_version": None,
        "poll_seconds": 0.02,
        # Tests ask how a run goes a hundred times a second.
        "admin_requests_per_minute": 100_000,
    }
    return ApiSettings.load(_env_file=None, **{**given, **overrides})


class ThreadServer:
    """The application on a real uvicorn in a thread."""

    def __init__(self, settings: ApiSettings, command: Sequence[str] | None = None, port: int = 0) -> None:
        self.app = create_app(settings, open_store(settings), command)
        self.server = uvicorn.Server(server_config(self.app, settings))
        listener = listen(settings.api_host, port)
        self.port: int = listener.getsockname()[1]
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()
        wait_until(lambda: self.server.started)
        self.client = httpx.Client(base_url=f"http://{settings.api_host}:{self.port}", timeout=10)

    def until_ready(self) -> Self:
        wait_until(lambda: self.client.get("/readyz").status_code == 200)
        return self

    def until_served(self, version: str) -> None:
        wait_until(lambda: self.client.get("/readyz").json().get("model_version") == version)

    def problem(self) -> str | None:
        problem: str | None = self.client.get("/api/health").json()["problem"]
        return problem

    def metric(self, name: str) -> float | None:
        """The value of one line of /metrics, labels included in the name, in any order."""
        for line in self.client.get("/metrics").text.splitlines():
            series, _, value = line.rpartition(" ")
            if parts_of(series) == parts_of(name):
                return float(value)
        return None

    def raw_get(self, path: str) -> tuple[int, bytes]:
        """Ask for a path exactly as it stands: httpx would tidy it up."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def end(self) -> None:
        """Ask the server to end; it is not waited for."""
        self.client.close()
        self.server.should_exit = True


class ServerProcess:
    """`python -m api` in a folder of its own, with nothing of this machine's settings."""

    def __init__(self, folder: Path, environment: Mapping[str, str], port: int | None = None) -> None:
        self.port = port or free_port()
        self.log_file = folder / "api.log"
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10)
        given = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "LOG_FORMAT": "json",
            "API_HOST": "127.0.0.1",
            "API_PORT": str(self.port),
            "ADMIN_TOKEN": TOKEN,
            "POLL_SECONDS": "0.02",
            "ADMIN_REQUESTS_PER_MINUTE": "100000",
        }
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api"], cwd=folder, env={**given, **environment}, stderr=log
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def answers(self, path: str, status: int) -> bool:
        try:
            return self.client.get(path).status_code == status
        except httpx.TransportError:
            assert self.process.poll() is None, self.log
            return False

    def until(self, path: str, status: int = 200) -> Self:
        wait_until(lambda: self.answers(path, status), 20)
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)
