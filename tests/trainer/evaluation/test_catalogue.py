"""Coverage and concentration, next to their definitions as sums over pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluation.catalogue import concentration, coverage

COUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=40)


@given(COUNTS)
def test_concentration_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    pairs = sum(abs(one - other) for one in counts for other in counts)
    expected = pairs / (2 * len(counts) * sum(counts)) if sum(counts) else 0.0
    assert concentration(np.array(counts)) == pytest.approx(expected, abs=1e-12)


@given(COUNTS, st.randoms(use_true_random=False))
def test_concentration_knows_no_order_of_products(counts: list[int], random: object) -> None:
    shuffled = counts[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert concentration(np.array(shuffled)) == concentration(np.array(counts))


def test_concentration_runs_from_all_alike_to_one_has_all() -> None:
    assert concentration(np.full(50, 7)) == 0.0
    assert concentration(np.array([0] * 99 + [10])) == pytest.approx(0.99)
    assert concentration(np.zeros(5, np.int64)) == 0.0


def test_concentration_of_a_large_shop_is_exact() -> None:
    n, places = 1_000_000, 40_000
    assert concentration(np.repeat([0, places], [n - 1, 1])) == pytest.approx(1 - 1 / n, abs=1e-12)


@given(COUNTS)
def test_coverage_is_the_share_that_anybody_was_shown(counts: list[int]) -> None:
    assert coverage(np.array(counts)) == sum(count > 0 for count in counts) / len(counts)


def test_catalogue_without_products_is_not_covered() -> None:
    assert coverage(np.zeros(0, np.int64)) == concentration(np.zeros(0, np.int64)) == 0.0
