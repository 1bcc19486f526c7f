import pytest

from benchmarks.power_law import PowerLaw

SIZES = [1e6, 3e6, 1e7, 3e7, 1e8]


def test_power_and_factor_are_found_again_from_what_they_make() -> None:
    law = PowerLaw.fitted(SIZES, [2e-6 * size**1.1 for size in SIZES])
    assert law.exponent == pytest.approx(1.1)
    assert law.factor == pytest.approx(2e-6)
    assert law.worst_factor == pytest.approx(1.0)
    assert law.at(1e9) == pytest.approx(2e-6 * 1e9**1.1)


def test_worst_factor_is_how_far_the_fit_is_from_a_measured_value() -> None:
    law = PowerLaw.fitted([1, 10, 100], [1, 20, 100])
    assert law.exponent == pytest.approx(1.0)
    assert law.worst_factor == pytest.approx(20 / law.at(10))


@pytest.mark.parametrize(("sizes", "values"), [([1.0], [1.0]), ([5.0, 5.0], [1.0, 2.0]), ([1.0, 2.0], [0.0, 1.0])])
def test_nothing_is_fitted_to_one_size_or_to_what_is_not_above_0(sizes: list[float], values: list[float]) -> None:
    with pytest.raises(ValueError, match="no power of size"):
        PowerLaw.fitted(sizes, values)
