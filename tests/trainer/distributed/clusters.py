"""Dask clusters as people start them by hand: a scheduler and workers that are none of ours."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.parts.processes import answers, end, start

if TYPE_CHECKING:
    import subprocess

_DASK = [sys.executable, "-m", "dask"]


@dataclass
class HandMade:
    """A scheduler, its workers, and where they write what they say."""

    folder: Path
    address: str
    scheduler: "subprocess.Popen[bytes]"
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def logs(self) -> str:
        """All that was said."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


@contextmanager
def hand_made(
    folder: Path, n_workers: int, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[HandMade]:
    """Run a cluster for as long as the context lasts; `options` are those of `dask worker`."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **(environment or {})}
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        cluster = _started(folder, env)
        stack.callback(end, cluster.scheduler)
        for number in range(n_workers):
            local = ["--local-directory", str(folder / f"worker-{number}"), "--no-dashboard", "--host", "127.0.0.1"]
            command = [*_DASK, "worker", cluster.address, "--name", str(number), *local, *options]
            cluster.workers.append(start(command, folder / f"worker-{number}.log", env))
            stack.callback(end, cluster.workers[-1])
        yield cluster


def _started(folder: Path, env: Mapping[str, str]) -> HandMade:
    said = folder / "scheduler.json"
    command = [
        *_DASK,
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(said),
    ]
    process = start(command, folder / "scheduler.log", env)
    if not answers(process, lambda: said.exists() and said.read_text().rstrip().endswith("}")):
        end(process)
        raise RuntimeError(f"the scheduler does not start:\n{(folder / 'scheduler.log').read_text()}")
    return HandMade(folder, json.loads(said.read_text())["address"], process)
