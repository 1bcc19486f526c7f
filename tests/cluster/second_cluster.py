"""A cluster beside the developer's own: in a folder and a network namespace of its own, which go with it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.cluster.programs import check_packages, program
from tests.cluster.site import Site
from tests.parts.missing import PartMissingError

_CHECKOUT: Final = Path(__file__).parents[2]


class SecondCluster:
    """A place for a cluster; `command("up")` makes one there."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self._network = self.site.name

    def command(self, *words: str) -> str:
        """Give what `python -m tests.cluster …` prints."""
        return self.inside(sys.executable, "-m", "tests.cluster", *words)

    def kubectl(self, *words: str, given: str | None = None) -> str:
        return self.inside(*self._kubectl(*words), given=given)

    def inside(self, *command: str, given: str | None = None) -> str:
        """Give what a command prints that runs in the cluster's network. Raises AssertionError where it fails."""
        process = self.start(*command)
        printed, _ = process.communicate(given)
        assert process.returncode == 0, f"{' '.join(command)}: {printed}"
        return printed

    def start(self, *command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self._network}", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "RECOMMENDER_CLUSTER": str(self.site.folder), "PYTHONPATH": str(_CHECKOUT)},
        )

    def start_kubectl(self, *words: str) -> "subprocess.Popen[str]":
        return self.start(*self._kubectl(*words))

    def make_network(self) -> None:
        subprocess.run(["ip", "netns", "add", self._network], check=True)
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=0")  # where the developer's own runs, it is 1

    def remove(self) -> None:
        """Take away the cluster, whatever runs of it, and its place."""
        self.command("down", "--purge")
        subprocess.run(["ip", "netns", "delete", self._network], check=True)

    def _kubectl(self, *words: str) -> tuple[str, ...]:
        known = (f"--kubeconfig={self.site.kubeconfig('admin')}", f"--cache-dir={self.site.folder}/kubectl-cache")
        return (program("kubectl"), *known, *words)


@contextmanager
def second_cluster() -> Iterator[SecondCluster]:
    """Give a place for as long as the context lasts. Its path is short: sockets are in it.

    Raises PartMissingError without root or one of Debian's programs.
    """
    if os.geteuid() != 0:
        raise PartMissingError("a cluster needs root")
    check_packages()
    folder = Path(tempfile.mkdtemp(prefix="recommender-cluster-"))
    cluster = SecondCluster(folder)
    cluster.make_network()
    try:
        yield cluster
    finally:
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


def eventually(expected: str, ask: Callable[[], str], seconds: float = 90) -> None:
    """Wait until a question is answered so. Raises AssertionError with the last answer."""
    deadline = time.monotonic() + seconds
    while expected not in (answer := ask()):
        assert time.monotonic() < deadline, f"{answer!r} has no {expected!r}"
        time.sleep(0.3)
