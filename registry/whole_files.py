"""Files that appear whole or not at all: written beside their place, made durable, and moved there by the caller."""

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

_TEMPORARY_PREFIX: Final = ".writing-"
_ATTEMPTS: Final = 100
_COPIED_BYTES: Final = 1 << 20


@contextmanager
def written_beside(path: Path, body: bytes | Path) -> Iterator[Path]:
    """Write a body to a temporary file in the same folder, and remove that name at the end."""
    temporary = path.parent / f"{_TEMPORARY_PREFIX}{uuid.uuid4().hex}"
    try:
        with _created(temporary) as file:
            if isinstance(body, Path):
                with body.open("rb") as source:
                    shutil.copyfileobj(source, file, _COPIED_BYTES)
            else:
                file.write(body)
            file.flush()
            now = time.time_ns()
            os.utime(file.fileno(), ns=(now, now))
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def make_durable(folder: Path) -> None:
    """Bring a folder's names to the disk; nothing where it was emptied and removed meanwhile."""
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def unfinished(root: Path, before: datetime) -> list[Path]:
    """Give the temporary files last written to before a moment, and the folders that stand as they are since then.

    Folders come last, the deepest first, so that each can go that is empty by then.
    """
    walked = [(Path(folder), names) for folder, _, names in os.walk(root, topdown=False)]
    files = [folder / name for folder, names in walked for name in names if name.startswith(_TEMPORARY_PREFIX)]
    found = [*files, *(folder for folder, _ in walked if folder != root)]
    return [path for path in found if _is_older(path, before)]


def discard(path: Path) -> bool:
    """Remove a file, or a folder if it is empty; give whether it was removed."""
    try:
        path.rmdir() if path.is_dir() else path.unlink()
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.ENOENT}:
            return False
        raise
    return True


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    except FileNotFoundError:
        return False


def _created(path: Path) -> BinaryIO:
    """Make a file and its folder. Whoever deletes the last object of a folder removes it, perhaps just now."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            _make_folder(path.parent)
            return path.open("xb")
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
