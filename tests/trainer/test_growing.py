import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.growing import GrowingColumn


@given(st.lists(st.integers(0, 60_000), max_size=8), st.integers(0, 400_000))
def test_what_was_appended_comes_out_in_order_at_any_length(lengths: list[int], cut: int) -> None:
    column = GrowingColumn(np.int32)
    values = np.arange(sum(lengths), dtype=np.int32)
    for begin, length in zip(np.cumsum([0, *lengths]), lengths, strict=False):
        column.append(values[begin : begin + length])
    kept = min(cut, len(column))
    column.truncate(kept)
    column.append(np.array([-1], np.int32))
    assert np.array_equal(column.finish(), np.append(values[:kept], -1))
    assert len(column) == 0
