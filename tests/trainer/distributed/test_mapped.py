"""What is written as Arrow comes back as arrays of the same bits, which lie in the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.distributed.mapped import Mapped, columns_of, lists_of, lists_of_lengths, rows_of

NUMBERS = [np.int32, np.int64, np.uint32, np.uint64, np.float32, np.float64]


def mapped(path: Path, batch: pa.RecordBatch) -> Mapped:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    return Mapped(path)


def assert_same(found: NDArray[Any], expected: NDArray[Any]) -> None:
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("n", [0, 1, 1_000])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_columns_of_numbers(tmp_path: Path, dtype: "type[np.generic]", n: int) -> None:
    values = np.random.default_rng(1).integers(0, 1 << 31, n).astype(dtype)
    other = np.arange(n, dtype=np.float64)
    file = mapped(tmp_path / "file", columns_of(one=values, other=other))
    assert_same(file.column("one"), values)
    assert_same(file.column("other"), other)


def test_numbers_that_are_none_keep_their_bits(tmp_path: Path) -> None:
    values = np.array([np.nan, -0.0, np.inf, 5e-324])
    assert_same(mapped(tmp_path / "file", columns_of(one=values)).column("one"), values)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_rows_of_equal_length(tmp_path: Path, n: int) -> None:
    rows = np.arange(5 * n, dtype=np.int32).reshape(n, 5)
    batch = pa.RecordBatch.from_arrays([rows_of(rows)], names=["rows"])
    assert_same(mapped(tmp_path / "file", batch).rows("rows"), rows)


@given(lengths=st.lists(st.integers(0, 5), max_size=12))
def test_lists(tmp_path_factory: pytest.TempPathFactory, lengths: list[int]) -> None:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = np.arange(starts[-1], dtype=np.uint64) + (1 << 60)
    for column in (lists_of(starts, values), lists_of_lengths(np.array(lengths, np.int32), values)):
        path = tmp_path_factory.mktemp("lists") / "file"
        found, content = mapped(path, pa.RecordBatch.from_arrays([column], names=["lists"])).lists("lists")
        assert_same(content, values)
        if len(lengths):
            assert_same(found, starts)


def test_arrays_outlive_the_file_and_never_write_to_it(tmp_path: Path) -> None:
    """The kernel is compiled for arrays that may be written to, and a store's own file must stay as it is."""
    path = tmp_path / "file"
    found = mapped(path, columns_of(one=np.arange(10))).column("one")
    before = path.read_bytes()
    assert found.flags.writeable
    found[3] = 77
    assert path.read_bytes() == before
    path.unlink()
    assert found.sum() == 45 - 3 + 77
