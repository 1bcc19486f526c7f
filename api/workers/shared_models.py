"""One copy of each model for all workers of a pod, which all map: its pages are in memory once.

Whoever comes first makes the copy, and others wait for it. Who maps one holds a shared lock on it, which the system
frees when a worker dies, and who lets go of the last one removes it. To remove what somebody maps would lose no page of
it, only the chance to share it.
"""

import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.private_copies import PrivateCopies
from api.workers.folder import remove_unheld
from model.model import Model
from registry.layout import version_and_name
from registry.objects import ObjectStore
from registry.registry import Registry

_UNFINISHED: Final = "making-"
_LOCK: Final = ".lock"
_SUFFIX: Final = ".model.safetensors"


class SharedModels(Registry):
    """A registry whose models are loaded from copies in `folder`; `when_new` is told before one is made."""

    def __init__(self, store: ObjectStore, folder: Path, when_new: Callable[[], None]) -> None:
        super().__init__(store)
        self._folder, self._when_new = folder, when_new

    def load(self, version: str, directory: Path) -> Model:
        """Load a version as Registry does, from the copy that others may have made."""
        store = _LeasingStore(self.store, self._folder, self._when_new)
        try:
            model = Registry(store).load(version, directory)
        except BaseException:
            # A copy that was damaged on its way here is to be fetched again.
            store.discard()
            raise
        weakref.finalize(model, store.end)
        return model


@dataclass(frozen=True)
class _Lease:
    """A copy, and a descriptor that holds a shared lock on it."""

    path: Path
    descriptor: int


class _LeasingStore(PrivateCopies):
    """The store for one load."""

    def __init__(self, store: ObjectStore, folder: Path, when_new: Callable[[], None]) -> None:
        super().__init__(store)
        self._folder, self._when_new = folder, when_new
        self._lease: _Lease | None = None

    def fetch(self, key: str, directory: Path) -> Path:  # noqa: ARG002 (the copy has its own place)
        """Give the pod's copy of a model."""
        path = self._folder / f"{version_and_name(key)[0]}{_SUFFIX}"
        self._lease = _leased(path) or self._made(path, key)
        return self._lease.path

    def end(self) -> None:
        """Let go of the copy, and of those that nobody else holds."""
        if self._lease is not None:
            os.close(self._lease.descriptor)
            sweep(self._folder)

    def discard(self) -> None:
        """Have nobody else use the copy."""
        if self._lease is not None:
            self._lease.path.unlink(missing_ok=True)
        self.end()

    def _made(self, path: Path, key: str) -> _Lease:
        """Make the copy, unless somebody else made it while this waited for its turn."""
        self._when_new()
        with _turn(self._folder):
            return _leased(path) or self._make(path, key)

    def _make(self, path: Path, key: str) -> _Lease:
        for left in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=_UNFINISHED) as unfinished:
            fetched = super().fetch(key, Path(unfinished))
            # Locked before it has its name, so that nobody takes it for one that is not used.
            descriptor = os.open(fetched, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            fetched.rename(path)
        sweep(self._folder)
        return _Lease(path, descriptor)


def sweep(folder: Path) -> None:
    """Remove the copies that nobody holds."""
    remove_unheld(folder.glob(f"*{_SUFFIX}"), Path.unlink)


def _leased(path: Path) -> _Lease | None:
    """Take a copy that is there; None where there is none, or it was removed just then."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    if os.fstat(descriptor).st_nlink:
        return _Lease(path, descriptor)
    os.close(descriptor)
    return None


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold the lock under which copies are made."""
    with (folder / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
