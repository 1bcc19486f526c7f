"""What figures depend on: the machine, how busy it is, and the versions of what runs on it."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("connectorx", "pymysql", "sqlalchemy", "pandas", "pyarrow", "numpy", "numba", "scipy")


@dataclass(frozen=True)
class Machine:
    """Cores that this process may use, the machine's memory, and processes that wanted a core in the last minute."""

    cpu: str
    cores: int
    memory_bytes: int
    load: float
    versions: dict[str, str]


def this_machine() -> Machine:
    """Describe the machine as it is now."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = {"Python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    return Machine(_cpu(), len(os.sched_getaffinity(0)), memory_bytes, os.getloadavg()[0], versions)


def describe_machine(machine: Machine, server_version: str) -> str:
    """Give two lines of a Markdown list: the machine, and the versions with the database server's."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return (
        f"- {machine.cores} cores of {machine.cpu}, {machine.memory_bytes / 1e9:.1f} GB; load {machine.load:.1f}\n"
        f"- {versions}; server {server_version}"
    )


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
