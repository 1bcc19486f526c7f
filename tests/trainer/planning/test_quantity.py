"""Amounts of memory as values.yaml has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.planning.quantity import limit_for, parse_quantity


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("2147483648", 2147483648),
        ("512Mi", 536870912),
        ("2Gi", 2147483648),
        ("1.5Gi", 1610612736),
        ("1500M", 1500000000),
        ("700k", 700000),
        ("1Ti", 1099511627776),
    ],
)
def test_quantities_are_read_as_kubernetes_reads_them(text: str, n_bytes: int) -> None:
    assert parse_quantity(text) == n_bytes


@pytest.mark.parametrize("text", ["", "0", "0Gi", "2 Gi", "2GB", "Gi", "-1Gi", "1e9", "unlimited", "2gi", "²Gi"])
def test_what_is_no_amount_of_memory_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="512Mi or 2Gi"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("mebibytes", "limit"),
    [(1, "64Mi"), (64, "64Mi"), (65, "128Mi"), (1000, "1Gi"), (1025, "1280Mi"), (4097, "5Gi"), (16385, "20Gi")],
)
def test_limits_are_round(mebibytes: int, limit: str) -> None:
    assert limit_for(mebibytes * 2**20) == limit


@given(st.integers(1, 2**45))
def test_a_limit_holds_what_it_is_for_and_little_more(n_bytes: int) -> None:
    assert n_bytes <= parse_quantity(limit_for(n_bytes)) <= 1.34 * n_bytes + 64 * 2**20
