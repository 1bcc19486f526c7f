"""One trainer at a time on one store: a lock on this machine, which the system frees when its holder dies."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import TryAgainError


@contextmanager
def run_lock(store_url: str) -> Iterator[None]:
    """Hold the lock of a store. Raises TryAgainError, which names the holder, where another process has it."""
    name = hashlib.sha256(store_url.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"recommender-trainer-{name}.lock"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise TryAgainError(
                f"another trainer (process {holder}) is at work on {store_url}", hint="Try again when it is done"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
