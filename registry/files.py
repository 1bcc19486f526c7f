"""The object store on a folder: an object is a file, written beside its place and moved there whole."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from registry.objects import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectInfo,
    ObjectMissingError,
    StoredObject,
    StoreRefusedError,
    StoreUnavailableError,
)
from registry.whole_files import discard, make_durable, unfinished, written_beside

_LOCK_NAME: Final = ".lock"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_REFUSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class FileStore:
    """The contract of registry/objects.py on a local folder, which is made when it is first written to."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> StoredObject:
        """Give an object."""
        with self._errors("read", key), self._path(key).open("rb") as file:
            return StoredObject(file.read(), _etag(os.fstat(file.fileno())))

    def fetch(self, key: str, directory: Path) -> Path:  # noqa: ARG002 (the file is local already)
        """Give the store's own file, which is never written again in place."""
        path = self._path(key)
        with self._errors("read", key), path.open("rb"):
            return path

    def put(self, key: str, body: bytes | Path, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write an object beside its place, make it durable, and move it there in one step."""
        path = self._path(key)
        with self._errors("write", key), written_beside(path, body) as temporary:
            etag = _etag(temporary.stat())
            if if_none_match:
                os.link(temporary, path)
            else:
                self._replace(temporary, path, if_match)
            make_durable(path.parent)
            return etag

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Give the objects below a prefix; half-written ones are not objects yet."""
        with self._errors("list", prefix):
            found = {path.relative_to(self._root).as_posix(): stat for path, stat in _files_below(self._root)}
        for key in sorted(key for key in found if key.startswith(prefix)):
            yield ObjectInfo(key, found[key].st_size, datetime.fromtimestamp(found[key].st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove an object, and the folder it leaves empty."""
        path = self._path(key)
        with self._errors("delete", key):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()

    def discard_unfinished(self, prefix: str, before: datetime) -> Sequence[str]:
        """Remove old temporary files, and folders that nothing is in."""
        with self._errors("sweep", prefix):
            found = [(path.relative_to(self._root).as_posix(), path) for path in unfinished(self._root, before)]
            return [key for key, path in found if key.startswith(prefix) and discard(path)]

    def _path(self, key: str) -> Path:
        if not key or ".." in key.split("/") or key.startswith("/"):
            raise ObjectMissingError(f"{key!r} is no key of a store")
        return self._root / key

    def _replace(self, temporary: Path, path: Path, if_match: str | None) -> None:
        with self._lock():
            if if_match is not None and (not path.exists() or _etag(path.stat()) != if_match):
                raise ObjectChangedError(f"{path} was changed by another writer")
            temporary.replace(path)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the one lock of the store, which the system frees when its holder dies."""
        with (self._root / _LOCK_NAME).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _errors(self, operation: str, key: str) -> Iterator[None]:
        """Turn the system's errors into the contract's."""
        where = f"cannot {operation} {self._root / key}"
        try:
            yield
        except (FileNotFoundError, IsADirectoryError):
            raise ObjectMissingError(f"{where}: it is not there") from None
        except FileExistsError:
            raise ObjectExistsError(f"{where}: it is there already") from None
        except OSError as error:
            reason = f"{where}: {error.strerror}"
            if error.errno in _FULL:
                raise StoreUnavailableError(reason, hint="Make room on the disk of STORE_URL") from None
            if error.errno in _REFUSED:
                raise StoreRefusedError(reason, hint="STORE_URL must name a folder that can be written") from None
            raise StoreUnavailableError(reason) from None


def _files_below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Give the objects' files; what another process removes meanwhile is left out."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files_below(Path(entry.path))
        elif not entry.name.startswith("."):
            with suppress(FileNotFoundError):
                yield Path(entry.path), entry.stat()


def _etag(stat: os.stat_result) -> str:
    """Every write makes a new inode at a new time, so these three never come again together.

    The time is set by the writer: a file system's own may stand still for 4 ms, in which an inode number can return.
    """
    return f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"
