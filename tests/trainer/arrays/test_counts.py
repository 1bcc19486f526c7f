import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.arrays.counts import counts_of


@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
@given(numbers=st.lists(st.integers(0, 12), max_size=30))
def test_each_number_is_counted(dtype: type, numbers: list[int]) -> None:
    assert counts_of(np.array(numbers, dtype), 13).tolist() == [numbers.count(number) for number in range(13)]
