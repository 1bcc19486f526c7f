"""Where large arrays live: in memory, or in nameless files."""

import gc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import BadSettingsError, TryAgainError
from tests.parts.small_disk import SmallDisk
from trainer.arrays.scratch import IN_MEMORY, OnDisk, Scratch

A_MEGABYTE = 1 << 20


@pytest.fixture(params=["memory", "disk"])
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    return IN_MEMORY if request.param == "memory" else OnDisk(tmp_path, A_MEGABYTE)


def n_open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("length", [0, 1, 100_000])
def test_arrays_can_be_written_and_read(scratch: Scratch, length: int) -> None:
    array = scratch.empty(length, np.int64)
    array[:] = np.arange(length)
    assert array.dtype == np.int64
    assert np.array_equal(array, np.arange(length))


@pytest.mark.parametrize("on_disk", [False, True])
@given(lengths=st.lists(st.integers(0, 60_000), max_size=8))
def test_what_was_appended_comes_out_in_order_at_any_length(lengths: list[int], *, on_disk: bool) -> None:
    scratch: Scratch = OnDisk(Path("/tmp"), A_MEGABYTE) if on_disk else IN_MEMORY
    column, values = scratch.column(np.int32), np.arange(sum(lengths), dtype=np.int32)
    for begin, length in zip(np.cumsum([0, *lengths]), lengths, strict=False):
        column.append(values[begin : begin + length])
    assert len(column) == len(values)
    array = column.finish()
    assert np.array_equal(array, values)
    array[:] = 7  # and it can be written to


def test_nothing_has_a_name_on_the_disk(tmp_path: Path) -> None:
    scratch = OnDisk(tmp_path, A_MEGABYTE)
    array, column = scratch.empty(1_000, np.int64), scratch.column(np.int32)
    column.append(np.ones(1_000, np.int32))
    assert list(tmp_path.iterdir()) == []
    assert array.sum() + column.finish().sum() == 1_000


def test_files_are_given_back_with_their_arrays(tmp_path: Path) -> None:
    gc.collect()  # or it would give back what other tests have left, too
    scratch, before = OnDisk(tmp_path, A_MEGABYTE), n_open_files()
    for _ in range(20):
        column = scratch.column(np.int32)
        column.append(np.ones(10, np.int32))
        del column
        scratch.empty(1_000, np.int64)
    gc.collect()
    assert n_open_files() == before


def test_full_disk_is_told_before_an_array_is_used(disk_of_128_kilobytes: SmallDisk) -> None:
    scratch = OnDisk(disk_of_128_kilobytes.path, A_MEGABYTE)
    kept = scratch.empty(10_000, np.int32)
    with pytest.raises(
        TryAgainError, match=r"disk of .* is full: 400,000 bytes more were wanted. Make room, set SPILL"
    ):
        scratch.empty(100_000, np.int32)
    kept[:] = 1


def test_full_disk_is_told_while_a_column_grows(disk_of_128_kilobytes: SmallDisk) -> None:
    column = OnDisk(disk_of_128_kilobytes.path, A_MEGABYTE).column(np.int32)
    column.append(np.ones(20_000, np.int32))
    with pytest.raises(TryAgainError, match="is full: 80,000 bytes more were wanted"):
        column.append(np.ones(20_000, np.int32))
    del column
    gc.collect()
    assert list(disk_of_128_kilobytes.path.iterdir()) == []


def test_folder_that_cannot_be_written_to_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(
        BadSettingsError, match=r"cannot write to .*nowhere: No such file or directory. Set SPILL_FOLDER"
    ):
        OnDisk(tmp_path / "nowhere", A_MEGABYTE)
