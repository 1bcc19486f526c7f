"""Growing shops, runs on them in a group of their own, and what is made of what they took."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from benchmarks import growth
from benchmarks.generated_shops import generated_tables
from benchmarks.grouped_runs import GrownRun, run_grouped
from benchmarks.growing_shops import in_database, shop_of
from benchmarks.measuring import measure_python
from tests.parts.fixtures import had
from tests.parts.mariadb import MariaDb
from tests.parts.memory_group import memory_group

STEPS = ("extract", "evaluate", "matrix", "build", "publish")
IDLE = GrownRun("promoted", 20_000, 600, 1_400, 3.0, dict.fromkeys(STEPS, 0.1), 300 * 10**6, 150 * 10**6)


def grown(millions: int) -> GrownRun:
    """Seconds grow with the power 1, memory with the power 0.5."""
    return replace(
        IDLE,
        interactions=millions * 10**6,
        users=600 + 30_000 * millions,
        products=1_400 + 100 * millions,
        seconds=3.0 + 2.0 * millions,
        seconds_by_step=dict.fromkeys(STEPS, 0.1 + 0.4 * millions),
        peak_bytes=300 * 10**6 + round(100 * 10**6 * millions**0.5),
        group_peak_bytes=None,
    )


def test_ten_times_the_interactions_are_ten_times_the_users_and_three_times_the_products() -> None:
    small, large = shop_of(1), shop_of(10)
    assert small.purchases + small.views == 1_000_000
    assert large.users == pytest.approx(10 * small.users, rel=0.001)
    assert large.products == pytest.approx(10**0.5 * small.products, rel=0.001)


def test_exponents_and_the_next_factor_of_ten_are_above_what_any_run_takes() -> None:
    runs = [grown(1), grown(4), grown(9)]
    cells = [cell.strip() for cell in growth._exponents(IDLE, runs).strip("|").split("|")]
    power_by_column = dict(zip(growth._COLUMNS, cells, strict=True))
    assert power_by_column["whole s"] == power_by_column["extract"] == "1.00"
    assert (power_by_column["peak MB"], power_by_column["group's peak MB"]) == ("0.50", "-")
    told = growth._next(IDLE, runs)
    assert "90,000,000 interactions will need 183 s and 1,249 MB" in told


def test_nothing_is_fitted_where_no_run_took_more_than_any_does() -> None:
    assert "nothing can be fitted" in growth._next(IDLE, [IDLE, replace(IDLE, interactions=40_000)])


def test_shop_lies_in_the_database_and_a_run_on_it_is_promoted(mariadb: MariaDb, tmp_path: Path) -> None:
    shop = shop_of(0.02)
    with in_database(shop, mariadb, tmp_path) as url:
        engine = create_engine(url)
        assert not inspect(engine).get_indexes("product_views")
        with engine.connect() as opened:
            stored = {
                name: opened.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar_one()
                for name in inspect(engine).get_table_names()
            }
        engine.dispose()
        done = run_grouped(url, tmp_path, None)
    assert stored == {name: len(rows) for name, rows in generated_tables(shop).items()}
    assert done.outcome == "promoted"
    assert 10_000 < done.interactions <= 20_000
    assert sum(done.seconds_by_step.values()) < done.seconds


def test_module_that_wants_more_than_its_group_may_have_is_killed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        group = had(memory_group(100 << 20), stack)
        (tmp_path / "greedy.py").write_text("x = bytearray(200 << 20)")
        arguments = ["-m", "benchmarks.in_group", str(group.folder / "cgroup.procs"), "greedy"]
        with pytest.raises(RuntimeError, match=r"greedy ended with -9"):
            measure_python(arguments, tmp_path, {"PYTHONPATH": str(tmp_path)})
