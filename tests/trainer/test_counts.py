import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.counts import counts_of


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint32])
@given(numbers=st.lists(st.integers(0, 12), max_size=30), n=st.integers(1, 15), first=st.integers(0, 10))
def test_numbers_in_reach_are_counted_and_no_others(dtype: type, numbers: list[int], n: int, first: int) -> None:
    counted = counts_of(np.array(numbers, dtype), n, first)
    assert counted.tolist() == [numbers.count(number) for number in range(first, first + n)]


def test_numbers_of_32_bits_are_counted() -> None:
    assert counts_of(np.array([2**32 - 1, 2**32 - 2, 2**32 - 1], np.uint32), 2, 2**32 - 2).tolist() == [1, 2]
