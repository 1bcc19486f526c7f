"""A run on this machine: a real scheduler in this process, and workers in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client, LocalCluster

from tests.parts.processes import free_port, start
from tests.trainer.distributed.worker_program import OVER, RunInFolder
from trainer.distributed.certificates import RunCertificate
from trainer.distributed.scheduler import scheduler_here, workers_joined
from trainer.distributed.settings import DistributedSettings

CHECKOUT = Path(__file__).parents[3]


@dataclass
class RunHere:
    """A distributed run on loopback."""

    folder: Path
    port: int = field(default_factory=free_port)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def run(self) -> RunInFolder:
        return RunInFolder(self.folder)

    @property
    def logs(self) -> list[str]:
        """What the workers said, a line each."""
        return [line for path in sorted(self.folder.glob("*.log")) for line in path.read_text().splitlines()]

    def settings(self, **changed: object) -> DistributedSettings:
        told = {"dask_port": self.port, "dask_dashboard_port": 0, "dask_wait_seconds": 20, "job_name": "trainer-1"}
        return DistributedSettings.load(_env_file=None, **told | changed)

    def add_worker(self, **environment: str) -> None:
        """Start a worker that finds the certificate in the folder."""
        self.add_command("tests.trainer.distributed.worker_program", str(self.folder), **environment)

    def add_command(self, module: str, argument: str, **environment: str) -> None:
        """Start a worker of another program, with the environment of a pod."""
        number = len(self.workers) + 1
        told = {
            "DASK_PORT": str(self.port),
            "DASK_WAIT_SECONDS": "20",
            "JOB_NAME": "trainer-1",
            "JOB_COMPLETION_INDEX": str(number),
            "POD_NAME": f"trainer-1-{number}-x2z",
            "SPILL_FOLDER": str(self.folder),
            "LOG_FORMAT": "human",
            **environment,
        }
        command = [sys.executable, "-m", module, argument]
        self.workers.append(start(command, self.folder / f"{number}.log", {**os.environ, **told}))

    def ended(self, seconds: float = 30) -> list[int]:
        """Wait until all workers have ended; give their exit codes."""
        return [worker.wait(seconds) for worker in self.workers]

    def say_over(self) -> None:
        (self.folder / OVER).touch()

    def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "\n".join(self.logs)
            time.sleep(0.05)

    @contextmanager
    def led(self, certificate: RunCertificate | None = None, **changed: object) -> Iterator[Client]:
        """Lead the run, as the leading pod does."""
        settings = self.settings(**changed)
        with self.scheduler(certificate, settings) as cluster, workers_joined(cluster, settings) as client:
            yield client

    @contextmanager
    def scheduler(
        self, certificate: RunCertificate | None = None, settings: DistributedSettings | None = None
    ) -> Iterator[LocalCluster]:
        certificate = certificate or RunCertificate.make()
        with scheduler_here(settings or self.settings(), certificate.security()) as cluster:
            self.run.lead(certificate)
            yield cluster
