"""Staging: what the processes of one run hand to one another through the store, until that run is over."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from registry.layout import STAGING
from registry.objects import ObjectStore

_TIME: Final = "%Y%m%dT%H%M%SZ"


class Staging:
    """The objects of one run, by names without a slash. Raises what the store raises (registry/objects.py)."""

    def __init__(self, store: ObjectStore, run: str) -> None:
        self.run = run
        self._store, self._folder = store, f"{STAGING}{run}/"

    @classmethod
    def new(cls, store: ObjectStore) -> Self:
        """Give a place of its own to a run that begins now."""
        return cls(store, f"{datetime.now(UTC).strftime(_TIME)}-{uuid.uuid4().hex[:8]}")

    def put(self, name: str, file: Path) -> None:
        """Keep a file under a name; what was there is replaced whole."""
        self._store.put(self._folder + name, file)

    def fetch(self, name: str, directory: Path) -> Path:
        """Give a local file that holds an object: in `directory`, or the store's own. Raises ObjectMissingError."""
        return self._store.fetch(self._folder + name, directory)

    def remove(self, name: str) -> None:
        """Remove an object, if there is one."""
        self._store.delete(self._folder + name)

    def remove_all(self) -> None:
        """Remove all that this run has staged."""
        _remove(self._store, self._folder, None)


def sweep_staging(store: ObjectStore, before: datetime | None = None) -> Sequence[str]:
    """Remove what dead runs have staged, and give the keys: all, or what nobody wrote since a moment.

    Without a moment, only for who holds the run's lock: then no other run lives.
    """
    return _remove(store, STAGING, before)


def _remove(store: ObjectStore, prefix: str, before: datetime | None) -> list[str]:
    keys = [info.key for info in store.list(prefix) if before is None or info.modified_at < before]
    for key in keys:
        store.delete(key)
    return keys
