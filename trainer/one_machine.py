"""One machine: a lock that the system frees when its holder dies, and an API that follows current.json by itself."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import TryAgainError
from serving.replicas import FollowingReplicas
from trainer.platform import RunLock


class FileLock:
    """A lock that cannot be lost."""

    def check(self) -> None:
        """Do nothing: the system keeps the lock for as long as this process lives."""


class OneMachine(FollowingReplicas):
    """The platform where there is no cluster: a running API takes up the promoted version by itself."""

    def __init__(self, store_url: str) -> None:
        self._store_url = store_url

    @contextmanager
    def lock(self) -> Iterator[RunLock]:
        """Hold the lock of a store. Raises TryAgainError, which names the holder, where another process has it."""
        name = hashlib.sha256(self._store_url.encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"recommender-trainer-{name}.lock"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = file.read().strip() or "unknown"
                raise TryAgainError(
                    f"another trainer (process {holder}) is at work on {self._store_url}",
                    hint="Try again when it is done",
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield FileLock()

    def versions_in_use(self) -> set[str]:
        """Give none: an API here serves the current version."""
        return set()
