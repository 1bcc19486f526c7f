"""Where a run's large arrays live: in memory, or in files that the system reads and writes as they are used.

A file has no name, so that nothing is left behind however the run ends, and its place on the disk is taken before it is
used, so that a full disk is an error here and never a signal later.
"""

import errno
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from runtime.errors import BadSettingsError, TryAgainError
from trainer.arrays.growing import Column, GrowingColumn

T = TypeVar("T", bound=np.generic)
_NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Scratch(Protocol):
    """What gives room for large arrays."""

    @property
    def work_bytes(self) -> int | None:
        """How much of them is to be in memory at a time, as far as that depends on the order of work; None for all."""

    def empty(self, length: int, dtype: type[T]) -> NDArray[T]:
        """Give an array of any content."""

    def column(self, dtype: type[T]) -> Column[T]:
        """Give an empty column that grows."""

    def spool(self) -> AbstractContextManager[BinaryIO | None]:
        """Give a file for what is read before it is taken, None where memory is to hold that."""


class InMemory:
    """All in memory."""

    work_bytes: Final = None

    def empty(self, length: int, dtype: type[T]) -> NDArray[T]:
        """Give an array of any content."""
        return np.empty(length, dtype)

    def column(self, dtype: type[T]) -> Column[T]:
        """Give an empty column that grows."""
        return GrowingColumn(dtype)

    def spool(self) -> AbstractContextManager[None]:
        """Give no file: memory is to hold what is read."""
        return nullcontext()


IN_MEMORY: Final = InMemory()


class OnDisk:
    """All in nameless files of a folder. Raises BadSettingsError where it cannot be written to."""

    def __init__(self, folder: Path, work_bytes: int) -> None:
        self.work_bytes = work_bytes
        self._folder = folder
        self._file().close()

    def empty(self, length: int, dtype: type[T]) -> NDArray[T]:
        """Give an array of zeros. Raises TryAgainError where the disk has no room for it."""
        size = length * np.dtype(dtype).itemsize
        with self._file() as file, self._room_for(size):
            if size:
                os.posix_fallocate(file.fileno(), 0, size)
            return _mapped(file, np.dtype(dtype))

    def column(self, dtype: type[T]) -> Column[T]:
        """Give an empty column that grows."""
        return FileColumn(self._file(), dtype, self._room_for)

    @contextmanager
    def spool(self) -> Iterator[BinaryIO]:
        """Give a file, to be written to in the context. Raises TryAgainError where the disk has no room."""
        with self._room_for(0):
            yield self._file()

    def _file(self) -> BinaryIO:
        try:
            return tempfile.TemporaryFile(buffering=0, dir=self._folder)
        except OSError as error:
            raise BadSettingsError(
                f"cannot write to {self._folder}: {error.strerror}", hint="Set SPILL_FOLDER to a folder on a disk"
            ) from None

    @contextmanager
    def _room_for(self, size: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _NO_SPACE:
                raise
            raise TryAgainError(
                f"the disk of {self._folder} is full: {size:,} bytes more were wanted"
                if size
                else f"the disk of {self._folder} is full",
                hint="Make room, set SPILL_FOLDER to a larger disk, or raise MEMORY_LIMIT so that less is spilled",
            ) from None


class FileColumn(Generic[T]):
    """Values appended to a file, which becomes an array where it lies."""

    def __init__(self, file: BinaryIO, dtype: type[T], room_for: Callable[[int], AbstractContextManager[None]]) -> None:
        self._file, self._dtype, self._room_for = file, np.dtype(dtype), room_for

    def __len__(self) -> int:
        return self._file.tell() // self._dtype.itemsize

    def __del__(self) -> None:
        self._file.close()

    def append(self, values: NDArray[T]) -> None:
        """Add a batch of values. Raises TryAgainError where the disk has no room for them."""
        rest = np.ascontiguousarray(values, self._dtype).data.cast("B")
        with self._room_for(len(rest)):
            while rest:
                rest = rest[self._file.write(rest) :]

    def finish(self) -> NDArray[T]:
        """Give the values as an array; the column is done with."""
        with self._file:
            return _mapped(self._file, self._dtype)


def shortened(array: NDArray[T], length: int) -> NDArray[T]:
    """Give the first values of an array that nobody else uses; in memory the others' place goes back to the system."""
    if not array.flags.owndata:
        return array[:length]
    array.resize(length, refcheck=False)
    return array


def _mapped(file: BinaryIO, dtype: "np.dtype[T]") -> NDArray[T]:
    """Give a file's content as an array, which keeps the file for as long as it is used."""
    if not os.fstat(file.fileno()).st_size:
        return np.empty(0, dtype)
    return np.frombuffer(mmap.mmap(file.fileno(), 0), dtype)
