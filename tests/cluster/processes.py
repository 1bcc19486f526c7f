"""The cluster's processes, as the process table has them: pid files would lie after a crash."""

import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.components import Component, all_components
from tests.cluster.errors import ClusterError
from tests.cluster.programs import file_name, program
from tests.cluster.site import Site

SHIM: Final = "containerd-shim-runc-v2"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PAUSE_SECONDS: Final = 0.02
_START_SECONDS: Final = 3


@dataclass(frozen=True)
class Process:
    """A running process of one cluster, under its component's name."""

    name: str
    pid: int


def start(site: Site, component: Component) -> None:
    """Start a component that does not run yet. It goes on after us, in a session of its own.

    Raises ClusterError where it ends at once.
    """
    if component.name in names_running(site):
        return
    command = ["setsid", "--fork", program(component.name), *component.arguments]
    with site.log(component.name).open("ab") as log:
        subprocess.run(
            command, cwd="/", env={"PATH": _PATH}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True
        )
    _wait_until_in_the_table(site, component.name)
    check_alive(site, [component.name])


def check_alive(site: Site, names: Collection[str]) -> None:
    """Raise ClusterError where one of them has died, with the last it had to say."""
    for name in names:
        if name not in names_running(site):
            raise ClusterError(f"{name} ended: {last_line(site.log(name))}", hint=f"All of it: {site.log(name)}")


def stop(site: Site, names: Collection[str], seconds: float) -> list[str]:
    """Ask them to end and wait for it. Gives the names of those that had to be killed."""
    ending = [process for process in running(site) if process.name in names]
    _signal(ending, signal.SIGTERM)
    _wait_while_any_runs(site, ending, seconds)
    stubborn = [process for process in running(site) if process in ending]
    kill(site, stubborn)
    return [process.name for process in stubborn]


def kill(site: Site, processes: Collection[Process]) -> None:
    _signal(processes, signal.SIGKILL)
    _wait_while_any_runs(site, processes, seconds=5)


def names_running(site: Site) -> set[str]:
    return {process.name for process in running(site)}


def running(site: Site) -> list[Process]:
    """Give every process of one of our programs whose command line names something below the cluster's folder."""
    names = {file_name(component.name): component.name for component in all_components(site)}
    return list(_with_our_folder(f"{site.folder}/", {**names, SHIM: SHIM}))


def last_line(log: Path) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def command_line(pid: int) -> list[str]:
    """Give a process's words, none where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _with_our_folder(folder: str, names: dict[str, str]) -> Iterator[Process]:
    for pid in (int(entry) for entry in os.listdir("/proc") if entry.isdigit()):  # noqa: PTH208 (a tenth of the time)
        first, *words = command_line(pid) or [""]
        name = names.get(Path(first).name)
        if name and any(folder in word for word in words):
            yield Process(name, pid)


def _signal(processes: Collection[Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _wait_while_any_runs(site: Site, processes: Collection[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and set(processes) & set(running(site)):
        time.sleep(_PAUSE_SECONDS)


def _wait_until_in_the_table(site: Site, name: str) -> None:
    """Wait for the program to take its starter's place; one that ended at once is never seen there."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and name not in names_running(site):
        time.sleep(_PAUSE_SECONDS)
