"""A store whose fetched files are always copies of our own.

The file store gives its own file, and a model is mapped from it. Were that file cut short under the mapping, by an
operator or a dying disk, the next page read would kill the process (SIGBUS). A served model outlives its store.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from registry.objects import ObjectInfo, ObjectStore, StoredObject


class PrivateCopies:
    """The store contract on top of another store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, key: str) -> StoredObject:
        """Give an object."""
        return self._store.get(key)

    def fetch(self, key: str, directory: Path) -> Path:
        """Give a file in `directory` that holds an object."""
        path = self._store.fetch(key, directory)
        if path.parent == directory:
            return path
        return Path(shutil.copyfile(path, directory / path.name))

    def put(self, key: str, body: bytes | Path, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write an object."""
        return self._store.put(key, body, if_match=if_match, if_none_match=if_none_match)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Give the objects below a prefix."""
        return self._store.list(prefix)

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""
        self._store.delete(key)

    def discard_unfinished(self, prefix: str, before: datetime) -> Sequence[str]:
        """Remove what unfinished writes left behind."""
        return self._store.discard_unfinished(prefix, before)
