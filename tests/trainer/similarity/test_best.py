"""Keeping the best: what stays does not depend on the order in which it came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.kernel.best import put_best_first

distinct = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=80, unique=True)


def best_of(keys: list[int], k: int, room: int = 0) -> set[int]:
    rows = np.zeros((3, len(keys) + room), np.uint64)
    rows[1, : len(keys)] = keys
    put_best_first(rows, 1, len(keys), k)
    assert not rows[0].any()
    assert not rows[2].any()
    assert {int(key) for key in rows[1, : len(keys)]} == set(keys), "none is lost"
    return {int(key) for key in rows[1, :k]}


@given(distinct, st.integers(1, 80))
def test_greatest_come_first(keys: list[int], k: int) -> None:
    k = min(k, len(keys))
    assert best_of(keys, k, room=3) == set(sorted(keys)[-k:])


@pytest.mark.parametrize("n", [2, 3, 4, 150, 3_000])
@pytest.mark.parametrize("order", ["rising", "falling", "there and back"])
def test_rows_in_order_end(n: int, order: str) -> None:
    rising = list(range(1, n + 1))
    keys = {"rising": rising, "falling": rising[::-1], "there and back": rising[::2] + rising[1::2][::-1]}[order]
    for k in {1, n // 2, n - 1} - {0}:
        assert best_of(keys, k) == set(range(n - k + 1, n + 1))
