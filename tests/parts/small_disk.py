"""A real disk so small that a test fills it, and that a test can make read-only, which binds root too."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts.missing import PartMissingError


class SmallDisk:
    """A mounted file system of a given size."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make_read_only(self) -> None:
        _run("mount", "-o", "remount,ro", str(self.path))


@contextmanager
def small_disk(path: Path, size_kilobytes: int) -> Iterator[SmallDisk]:
    """Mount a disk for as long as the context lasts. Raises PartMissingError where mounting is not allowed."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise PartMissingError("no small disk can be mounted (run the tests as root, or in a user namespace)")
    path.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size_kilobytes}k", "tmpfs", str(path))
    try:
        yield SmallDisk(path)
    finally:
        _run("umount", "--lazy", str(path))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartMissingError(f"no small disk can be mounted ({done.stderr.strip()})")
