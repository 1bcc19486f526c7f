"""The folder of one pod's workers: their sockets, their figures, and the models that they share.

It is locked for as long as one of its processes lives, so that the next start tells what a crash left from what others
on this machine use.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime.errors import BadSettingsError

_PREFIX: Final = "recommender-workers-"
# What the address of a Unix socket has room for, and its end.
_LONGEST_SOCKET_BYTES: Final = 107


@dataclass(frozen=True)
class PodFolder:
    """Where things are."""

    root: Path

    @property
    def models(self) -> Path:
        """The folder of the models' copies."""
        return self.root / "models"

    @property
    def parent(self) -> Path:
        """The socket of the parent."""
        return self.root / "the parent"

    def worker(self, number: int) -> Path:
        """Give a worker's socket."""
        return self.root / f"worker {number}"

    def figures(self, number: int) -> Path:
        """Give the file that a worker's figures outlive it in."""
        return self.root / f"figures {number}.json"


@contextmanager
def pod_folder() -> Iterator[PodFolder]:
    """Make the folder, and remove it at the end with all that is in it. Raises BadSettingsError."""
    folder = PodFolder(_made())
    folder.models.mkdir()
    _check_length(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.root, ignore_errors=True)


def _made() -> Path:
    left = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    remove_unheld(left, lambda root: shutil.rmtree(root, ignore_errors=True))
    while True:
        root = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # The lock ends with the last process that has this descriptor, the workers included; nobody closes it before.
        fcntl.flock(os.open(root, os.O_RDONLY), fcntl.LOCK_EX)
        if root.exists():
            return root


def remove_unheld(paths: Iterable[Path], remove: Callable[[Path], object]) -> None:
    """Remove what no process holds a lock on; what cannot be opened is somebody else's, and stays."""
    for path in paths:
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(path)
            finally:
                os.close(descriptor)


def _check_length(folder: PodFolder) -> None:
    if len(os.fsencode(folder.worker(100))) > _LONGEST_SOCKET_BYTES:
        shutil.rmtree(folder.root)
        raise BadSettingsError(
            f"TMPDIR={tempfile.gettempdir()} is too long a path for the sockets of several workers",
            hint="Set a shorter one, or API_WORKERS=1",
        )
