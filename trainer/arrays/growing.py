"""A column that grows as batches arrive, and becomes an array without a second copy of it."""

from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)
_FIRST_CAPACITY = 1 << 16


class Column(Protocol[T]):
    """What grows as batches arrive."""

    def __len__(self) -> int:
        """Give the number of values."""

    def append(self, values: NDArray[T]) -> None:
        """Add a batch of values."""

    def finish(self) -> NDArray[T]:
        """Give the values as an array; the column is done with."""


class GrowingColumn(Generic[T]):
    """Values appended to one block of memory, which the system extends in place where it is large (mremap)."""

    def __init__(self, dtype: type[T]) -> None:
        self._block: NDArray[T] = np.empty(_FIRST_CAPACITY, dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, values: NDArray[T]) -> None:
        """Add a batch of values."""
        needed = self._length + len(values)
        if needed > len(self._block):
            self._block.resize(max(needed, len(self._block) * 3 // 2), refcheck=False)
        self._block[self._length : needed] = values
        self._length = needed

    def finish(self) -> NDArray[T]:
        """Give the values as an array, which is the column's own memory, and leave the column empty."""
        block, self._block = self._block, np.empty(0, self._block.dtype)
        block.resize(self._length, refcheck=False)
        self._length = 0
        return block
