"""An Arrow file of one record batch, mapped into memory: its columns as arrays that lie in the file.

The mapping is private and may be written to, though nobody does: Numba compiles a function once more for arrays that
may not, which Arrow's own are.
"""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.arrays.spans import indptr_of

Ints = NDArray[np.int64]


class Mapped:
    """The columns of a file. An array keeps the file for as long as it is used."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        whole = pa.py_buffer(self._map)
        self._origin = whole.address
        self.batch = pa.ipc.open_file(pa.BufferReader(whole)).get_batch(0)

    def column(self, name: str) -> NDArray[Any]:
        """Give a column of numbers, (n_rows,)."""
        return self._values(self.batch.column(name))

    def rows(self, name: str) -> NDArray[Any]:
        """Give a column of rows of equal length, (n_rows, length)."""
        column = self.batch.column(name)
        return self._values(column.values).reshape(len(column), column.type.list_size)

    def lists(self, name: str) -> tuple[Ints, NDArray[Any]]:
        """Give a column of lists: where each begins, int64 (n_rows + 1,), and what is in them one after the other."""
        column = self.batch.column(name)
        return self._part(column.buffers()[1], len(column) + 1, np.dtype(np.int64)), self._values(column.values)

    def _values(self, column: pa.Array) -> NDArray[Any]:
        return self._part(column.buffers()[1], len(column), np.dtype(column.type.to_pandas_dtype()))

    def _part(self, buffer: pa.Buffer, length: int, dtype: "np.dtype[Any]") -> NDArray[Any]:
        if not length:
            return np.empty(0, dtype)
        return np.frombuffer(self._map, dtype, length, buffer.address - self._origin)


def columns_of(**columns: NDArray[Any]) -> pa.RecordBatch:
    """Give a batch of columns of numbers, none of which is copied."""
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns.values()], names=list(columns))


def rows_of(values: NDArray[Any]) -> pa.Array:
    """Give a column of rows of equal length, `values` (n_rows, length)."""
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def lists_of(starts: Ints, values: NDArray[Any]) -> pa.Array:
    """Give a column of lists, where each begins being `starts` int64 (n_rows + 1,)."""
    return pa.LargeListArray.from_arrays(pa.array(starts), pa.array(values))


def lists_of_lengths(lengths: NDArray[np.integer], values: NDArray[Any]) -> pa.Array:
    """Give a column of lists of these lengths."""
    return lists_of(indptr_of(lengths.astype(np.int64)), values)
