"""Intervals hold the truth about as often as they say, pair what they compare, and are the same every time."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.evaluation.bootstrap import Interval, intervals


def column(values: NDArray[np.float64]) -> Interval:
    (found,) = intervals(values[:, None])
    return found


def hits(rate: float, n_users: int, seed: int) -> NDArray[np.float64]:
    return (np.random.default_rng(seed).random(n_users) < rate).astype(np.float64)


def test_interval_holds_the_truth_about_19_times_in_20() -> None:
    covered = [found.low <= 0.3 <= found.high for found in (column(hits(0.3, 400, seed)) for seed in range(400))]
    assert 0.91 <= np.mean(covered) <= 0.98


def test_interval_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(1).normal(5.0, 2.0, 4000)
    found, half_width = column(values), 1.96 * values.std() / np.sqrt(len(values))
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half_width, abs=0.1 * half_width)
    assert found.high == pytest.approx(values.mean() + half_width, abs=0.1 * half_width)


def test_four_times_as_many_users_halve_it() -> None:
    few, many = column(hits(0.3, 500, 1)), column(hits(0.3, 2000, 1))
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.2)


def test_columns_are_resampled_together() -> None:
    base = np.random.default_rng(2).normal(0, 1, 300)
    found = intervals(np.column_stack([base, base + 0.01, np.full(300, 0.01)]))
    assert found[1].low - found[0].low == pytest.approx(0.01)
    assert [found[2].low, found[2].high] == pytest.approx([0.01, 0.01])


def test_interval_of_a_column_does_not_depend_on_its_company() -> None:
    base, other = hits(0.3, 300, 1), hits(0.5, 300, 2)
    assert intervals(np.column_stack([base, other]))[0] == column(base)


def test_users_who_are_all_alike_leave_no_doubt() -> None:
    assert column(np.full(100, 0.5)) == Interval(0.5, 0.5, 0.5)
    assert column(np.array([0.25])) == Interval(0.25, 0.25, 0.25)


def test_same_users_give_the_same_interval_on_any_number_of_threads() -> None:
    program = (
        "import numpy as np; from trainer.evaluation.bootstrap import intervals;"
        "print(intervals(np.random.default_rng(3).random((1001, 20))))"
    )
    told = set()
    for threads in ("1", "2", "4"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        told.add(subprocess.check_output([sys.executable, "-c", program], env=environment))
    assert len(told) == 1
