"""A pod of two workers as tests look at it: which processes it has, and what each of them answered."""

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any, Self

import httpx

from api.workers.asking import ask
from tests.api.live import ADMIN, ServerProcess, parts_of, wait_until
from tests.parts.children import children_of, command_of


class Pod:
    """A server process with workers, and the TMPDIR that they work in."""

    def __init__(self, server: ServerProcess, scratch: Path) -> None:
        self.server, self.scratch = server, scratch
        # Each request has a connection of its own, which either worker may take.
        apart = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=ADMIN, timeout=20, limits=apart)

    @property
    def workers(self) -> list[int]:
        """The workers' process ids; a trainer is a child of the parent too, but of another command."""
        parent = self.server.process.pid
        command = command_of(parent)
        return [pid for pid, its in children_of(parent).items() if its == command]

    @property
    def folder(self) -> Path:
        """The folder that the workers share."""
        (found,) = self.scratch.glob("recommender-workers-*")
        return found

    @property
    def copies(self) -> list[str]:
        """The versions that there is a copy of."""
        return sorted(path.name.partition(".")[0] for path in self.folder.glob("models/*.safetensors"))

    def until_ready(self) -> Self:
        self.server.until("/readyz")
        return self

    def versions(self) -> list[str]:
        """What each worker serves by itself."""
        return [ask(self.folder / f"worker {number}", {"ask": "state"}, 5)["version"] for number in (1, 2)]

    def ask(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def ask_both(self, path: str) -> list[httpx.Response]:
        """Ask until each of the workers has answered some."""
        before, answers = self.answered(), list[httpx.Response]()

        def each_has_answered() -> bool:
            answers.extend(self.ask(path) for _ in range(5))
            return set(self.answered() - before) == {1, 2}

        wait_until(each_has_answered)
        return answers

    def answered(self) -> Counter[int]:
        """How many requests each worker logged; probes and scrapes leave no line."""
        lines = [json.loads(line) for line in self.server.log.splitlines()]
        return Counter(line["worker"] for line in lines if line.get("event") == "request")

    def errors(self) -> list[dict[str, Any]]:
        """The log's lines of more than a warning."""
        lines = [json.loads(line) for line in self.server.log.splitlines()]
        return [line for line in lines if line["level"] == "ERROR"]

    def metric(self, name: str) -> float | None:
        """The value of one line of /metrics."""
        for line in self.ask("/metrics").text.splitlines():
            series, _, value = line.rpartition(" ")
            if parts_of(series) == parts_of(name):
                return float(value)
        return None

    def kill_a_worker(self) -> int:
        """Kill a worker, and wait until another one is in its place and all are ready."""
        killed = self.workers[0]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in self.workers and len(self.workers) == 2)
        self.until_ready()
        return killed


def mapped_model(pid: int) -> tuple[int, int]:
    """How many bytes of the model a process has in memory, and its share of them where others have them too."""
    found, is_model = Counter[str](), False
    for row in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, _, rest = row.partition(" ")
        if not name.endswith(":"):
            is_model = "model.safetensors" in rest
        elif is_model and name in {"Rss:", "Pss:"}:
            found[name] += int(rest.split()[0]) * 1024
    return found["Rss:"], found["Pss:"]
