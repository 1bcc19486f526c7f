"""How a run goes with the memory it may have: in memory, on disk, or not at all."""

import pytest

from trainer.planning.costs import MEASURED_ON
from trainer.planning.estimate import estimate, peak_bytes
from trainer.planning.fit import Fit, fit_of
from trainer.planning.limits import MemoryLimit
from trainer.planning.page import plan_page
from trainer.planning.plan import Plan
from trainer.planning.size import ShopSize
from trainer.planning.spilling import disk_bytes, spilled_peak_bytes, work_bytes

LARGE = ShopSize(
    {"purchase": 10_000_000, "view": 30_000_000},
    users=1_000_000,
    products=50_000,
    interactions=30_000_000,
    additions=2_000_000_000,
    co_occurring=500_000_000,
    neighbours=5_000_000,
)


def limit_of(n_bytes: float) -> MemoryLimit:
    return MemoryLimit(round(n_bytes), "MEMORY_LIMIT")


def plan_with(size: ShopSize, limit: MemoryLimit | None) -> Plan:
    return Plan("mysql://db/shop", size, estimate(size, 2, []), 2, limit)


@pytest.mark.parametrize(
    ("n_bytes", "fit"),
    [
        (1.6 * peak_bytes(LARGE, 2), Fit.FITS),
        (1.4 * peak_bytes(LARGE, 2), Fit.SPILLS),
        (1.6 * spilled_peak_bytes(LARGE), Fit.SPILLS),
        (1.4 * spilled_peak_bytes(LARGE), Fit.TIGHT),
        (0.5 * spilled_peak_bytes(LARGE), Fit.TOO_LARGE),
    ],
)
def test_arrays_go_to_disk_where_memory_may_not_hold_them(n_bytes: float, fit: Fit) -> None:
    assert fit_of(LARGE, 2, limit_of(n_bytes)) is fit


def test_a_shop_that_no_run_has_seen_is_taken_for_one_without_repeats() -> None:
    """Its events alone would fit, and whether its users do, nobody knows."""
    unseen = ShopSize(LARGE.events)
    limit = limit_of(1.6 * peak_bytes(unseen, 2))
    assert fit_of(unseen, 2, limit) is Fit.SPILLS
    assert disk_bytes(unseen) >= disk_bytes(LARGE)


def test_some_of_a_limit_is_worked_on_at_a_time() -> None:
    assert work_bytes(limit_of(8 << 30)) == 2 << 30
    assert work_bytes(limit_of(100 << 20)) == 64 << 20


def test_the_page_says_what_disk_and_memory_that_takes() -> None:
    page = plan_page(plan_with(LARGE, limit_of(1.4 * peak_bytes(LARGE, 2))))
    assert "FITS WITH ITS ARRAYS ON DISK" in page
    assert f"about {spilled_peak_bytes(LARGE) / 1e6:,.0f} MB of memory and {disk_bytes(LARGE) / 1e6:,.0f} MB" in page
    assert "as it will be run" in page
    assert "where there is less memory" in plan_page(plan_with(LARGE, None))
    assert MEASURED_ON in page


def test_the_page_is_silent_where_a_disk_would_save_nothing() -> None:
    assert "on disk" not in plan_page(plan_with(ShopSize({"purchase": 10_000}, 100, 30, 3_000), None))
