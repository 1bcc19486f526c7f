"""A tap on the system calls by which a process changes and reads the files below a folder.

Which of them the store makes, and in what order, is for the recording to tell; here is only where Python makes them.
"""

import builtins
import errno
import fcntl
import functools
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from tests.faults.tap import Errors, Tap
from tests.faults.troubles import Kind

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_ON_PATHS_OR_DESCRIPTORS: Final = (
    *("fsync", "fdatasync", "ftruncate", "link", "listdir", "mkdir", "open", "remove", "rename", "replace", "rmdir"),
    *("scandir", "stat", "symlink", "truncate", "unlink", "utime"),
)
# What a file system says where a server says 500, 403, or "slow down".
_ERRNOS: Final = {
    Kind.TIMEOUT: errno.ETIMEDOUT,
    Kind.SERVER_ERROR: errno.EIO,
    Kind.FORBIDDEN: errno.EACCES,
    Kind.SLOW_DOWN: errno.EBUSY,
    Kind.LOST: errno.EIO,
}
ERRORS: Final[Errors] = {
    kind: functools.partial(OSError, number, os.strerror(number)) for kind, number in _ERRNOS.items()
}


def tap_system_calls(tap: Tap, folder: Path) -> None:
    """Let the system calls of this process on files below a folder go through a tap."""
    for name in _ON_PATHS_OR_DESCRIPTORS:
        setattr(os, name, _tapped(getattr(os, name), tap, folder))
    for name in ("flock", "lockf"):
        setattr(fcntl, name, _tapped(getattr(fcntl, name), tap, folder))
    io.open = builtins.open = _tapped_open(io.open, tap, folder)  # type: ignore[assignment]


def _tapped(function: Callable[..., Any], tap: Tap, folder: Path) -> Callable[..., Any]:
    @functools.wraps(function)
    def through_tap(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 (any system call's)
        within = [path for path in map(functools.partial(_within, folder=folder), arguments[:2]) if path is not None]
        if not within:
            return function(*arguments, **options)
        return tap.call(f"{function.__name__} {within[-1]}", functools.partial(function, *arguments, **options), ERRORS)

    return through_tap


def _within(what: object, folder: Path) -> str | None:
    """Give the path below the folder that an argument means, None where it means none."""
    if isinstance(what, int) and not isinstance(what, bool):
        try:
            path = str(Path(f"/proc/self/fd/{what}").readlink())
        except OSError:
            return None
    elif hasattr(what, "fileno"):
        return _within(what.fileno(), folder)
    elif isinstance(what, (str, os.PathLike)):
        path = os.path.abspath(what)  # noqa: PTH100 (Path.resolve would ask the system, through this tap)
    else:
        return None
    return os.path.relpath(path, folder) if f"{path}/".startswith(f"{folder}/") else None


class _TappedFile(io.FileIO):
    """A file whose reads and writes go through a tap."""

    def __init__(self, path: Path, mode: str, tap: Tap, name: str) -> None:
        super().__init__(path, mode)
        self._tap, self._told_name = tap, name

    def write(self, data: "ReadableBuffer") -> int:
        half = bytes(data)[: len(bytes(data)) // 2]
        write = super().write
        return self._tap.call(f"write {self._told_name}", lambda: write(data), ERRORS, lambda: write(half))

    def readinto(self, buffer: "WriteableBuffer") -> int:
        read = super().readinto
        return self._tap.call(f"read {self._told_name}", lambda: read(buffer), ERRORS)

    def readall(self) -> bytes:
        read = super().readall
        return self._tap.call(f"read {self._told_name}", read, ERRORS)


def _tapped_open(function: Callable[..., IO[Any]], tap: Tap, folder: Path) -> Callable[..., IO[Any]]:
    @functools.wraps(function)
    def through_tap(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> IO[Any]:  # noqa: ANN401 (open's)
        name = None if isinstance(file, int) else _within(file, folder)
        if name is None:
            return function(file, mode, *arguments, **options)
        raw = tap.call(f"open {name}", lambda: _TappedFile(file, mode.replace("t", ""), tap, name), ERRORS)
        return _buffered(raw, mode)

    return through_tap


def _buffered(raw: io.FileIO, mode: str) -> IO[Any]:
    if "+" in mode:
        binary: Any = io.BufferedRandom(raw)
    else:
        binary = io.BufferedReader(raw) if "r" in mode else io.BufferedWriter(raw)
    return binary if "b" in mode else io.TextIOWrapper(binary)
