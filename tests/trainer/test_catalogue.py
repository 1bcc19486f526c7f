"""The catalogue of a model: laid out for its products, with the new ones behind them, and read by a run."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from model.catalogue import Catalogue
from model.ids import Ids
from registry.files import FileStore
from registry.registry import Registry
from tests.builders import integer_ids, string_ids
from tests.parts.mariadb import MariaDb
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.shops import LOG_EVENTS, NOW, UNTIL, log_events, log_tables
from trainer.catalogue import laid_out
from trainer.reading.catalogue import CatalogueRows
from trainer.reading.catalogue_columns import COLUMNS
from trainer.sample_shop.tables import fill

pytestmark = pytest.mark.usefixtures("store_path")


def rows_of(ids: Ids, **columns: Sequence[object]) -> CatalogueRows:
    given = {name: columns.get(name, [None] * len(ids)) for name in COLUMNS.names}
    return CatalogueRows(ids, pa.table(given, COLUMNS))


def test_rows_stand_where_the_products_do_and_new_ones_behind() -> None:
    rows = rows_of(
        integer_ids([5, 20, 40, 70]),
        name=["five", "twenty", None, "seventy"],
        category=["Coffee", "Tea", None, "Coffee"],
        price=[5.5, None, 0.0, 7.0],
        available=[1, 0, None, None],
        image_url=[None, "u", None, None],
    )
    catalogue = laid_out(rows, integer_ids([10, 20, 40]))
    assert ids_in(catalogue.new_products) == ["5", "70"]
    assert [catalogue.names.at(row) for row in range(5)] == ["", "twenty", "", "five", "seventy"]
    assert [catalogue.image_urls.at(row) for row in range(5)] == ["", "u", "", "", ""]
    assert catalogue.listed.tolist() == [0, 1, 1, 1, 1]
    assert ids_in(catalogue.categories) == ["Coffee", "Tea"]
    assert catalogue.category.tolist() == [-1, 1, -1, 0, 0]
    assert catalogue.price.tolist() == [-1, -1, 0, 5.5, 7]
    assert catalogue.available.tolist() == [1, 0, 1, 1, 1]
    assert (catalogue.n_listed, catalogue.n_unavailable) == (4, 1)


def ids_in(ids: Ids) -> list[str]:
    return [ids.at(idx) for idx in range(len(ids))]


@pytest.mark.parametrize("products", [integer_ids([7, 17]), string_ids(["17", "7"])], ids=["integers", "text"])
@pytest.mark.parametrize("listed", [integer_ids([7, 17, 27]), string_ids(["07", "17", "7"])], ids=["integers", "text"])
def test_a_product_is_the_same_whether_its_id_is_a_number_or_its_digits(products: Ids, listed: Ids) -> None:
    catalogue = laid_out(rows_of(listed, name=ids_in(listed)), products)
    assert [catalogue.names.at(row) for row in range(2)] == ids_in(products)
    assert ids_in(catalogue.new_products) == [one for one in ids_in(listed) if one not in {"7", "17"}]


def test_a_catalogue_that_knows_every_product_has_no_new_ones() -> None:
    catalogue = laid_out(rows_of(integer_ids([1, 2])), integer_ids([1, 2]))
    assert (len(catalogue.new_products), len(catalogue.names), catalogue.names.at(1)) == (0, 2, "")
    assert catalogue.category.dtype == np.int32


@pytest.fixture
def shop_url(tmp_path: Path) -> str:
    """Give a sample shop of this test's own."""
    url = f"sqlite:///{tmp_path}/shop.db"
    fill(make_url(url), until=UNTIL)
    return url


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def published(store_path: Path) -> tuple[Catalogue | None, dict[str, Any]]:
    """Give the catalogue of the version in service, and its manifest."""
    registry = Registry(FileStore(store_path))
    pointer = registry.current()
    assert pointer
    model = registry.load(pointer.version, store_path)
    return model.catalogue, registry.manifest(pointer.version).model_dump(mode="json")


def test_a_run_puts_the_catalogue_into_the_model_and_its_figures_into_the_manifest(
    shop_url: str, store_path: Path
) -> None:
    execute(
        shop_url,
        "INSERT INTO products VALUES (90, 'Pu-erh', 'Tea', 9.5, 1), (91, 'Gone', 'Old', 1, 0)",
        "UPDATE products SET is_active = 0 WHERE id = 1",
        "DELETE FROM products WHERE id = 2",
    )
    ended = train(DATABASE_URL=shop_url)
    assert ended.exit_code == 0, ended.log
    assert "Loaded 34 products of the catalogue (7 categories, 2 without an event)" in ended.log
    catalogue, manifest = published(store_path)
    assert catalogue
    assert [catalogue.names.at(row) for row in (0, 1, 2, 33)] == ["House blend, 1 kg", "", "Espresso roast", "Pu-erh"]
    assert catalogue.available[[0, 1, 33, 34]].tolist() == [0, 1, 1, 0]
    figures = {name: manifest["data"][name] for name in ("catalogue_products", "new_products", "unavailable_products")}
    assert figures == {"catalogue_products": 34, "new_products": 2, "unavailable_products": 2}


@pytest.fixture
def browsed_shop_url(tmp_path: Path) -> str:
    """Give a shop of 100 products and 80 users who take up something new all the time, so that a recipe is tried."""
    url, rng = f"sqlite:///{tmp_path}/browsed.db", np.random.default_rng(1)
    engine = create_engine(url)
    log_tables(engine)
    products = rng.integers(0, 100, 3000).tolist()
    bought = [(n % 80, product, NOW - timedelta(minutes=20 * n)) for n, product in enumerate(products)]
    log_events(engine, "bought", bought)
    execute(
        url,
        "CREATE TABLE products AS SELECT DISTINCT product_id AS id, 'n' AS name, product_id % 7 AS category, "
        "4.5 AS price, product_id % 2 AS is_active FROM bought",
    )
    engine.dispose()
    return url


def test_a_catalogue_changes_neither_the_evaluation_nor_what_the_gate_says(
    browsed_shop_url: str, tmp_path: Path
) -> None:
    manifests = []
    asked: dict[str, dict[str, str]] = {"with": {}, "without": {"CATALOGUE_SQL": ""}}
    for name, settings in asked.items():
        store = tmp_path / name
        settings |= {"EVENTS": LOG_EVENTS, "STORE_URL": store.as_uri(), "RECIPE": "cosine", "FORCE": "a test"}
        ended = train(DATABASE_URL=browsed_shop_url, **settings)
        assert ended.exit_code == 0, ended.log
        assert ("Loaded 100 products of the catalogue (7 categories, 0 " in ended.log) == (name == "with")
        catalogue, manifest = published(store)
        assert (catalogue is not None) == (name == "with")
        manifests.append(manifest)
    one, other = manifests
    assert one["holdout"]
    assert all(one[part] == other[part] for part in ("holdout", "metrics", "settings"))
    # but for the age of the newest event, which is measured by the clock
    assert [rule for rule in one["gate"] if rule["rule"] != "newest_event"] == [
        rule for rule in other["gate"] if rule["rule"] != "newest_event"
    ]
    assert one["data"].keys() - other["data"].keys() == {"catalogue_products", "new_products", "unavailable_products"}


@pytest.mark.parametrize(
    "statement", ["DROP TABLE products", "ALTER TABLE products DROP COLUMN price"], ids=["no table", "no column"]
)
def test_a_shop_without_the_default_catalogue_is_trained_without_one(
    shop_url: str, store_path: Path, statement: str
) -> None:
    execute(shop_url, statement)
    ended = train(DATABASE_URL=shop_url)
    assert ended.exit_code == 0, ended.log
    (line,) = [line for line in ended.log.splitlines() if "No catalogue" in line]
    assert line.startswith("No catalogue: the catalogue query does not fit the database")
    assert line.endswith("CATALOGUE_SQL may ask for one in other tables")
    catalogue, manifest = published(store_path)
    assert catalogue is None
    assert "catalogue_products" not in manifest["data"]


@pytest.mark.parametrize(
    ("sql", "exit_code", "parts"),
    [
        ("SELECT id AS product_id FROM wares", 64, ["no such table: wares", "Mend CATALOGUE_SQL"]),
        ("SELECT id AS product_id, title AS name FROM products", 64, ["no such column: title", "Mend CATALOGUE_SQL"]),
        ("SELECT id, name FROM products", 64, ["gives the columns id, name; it lacks product_id", "Mend"]),
        ("SELECT FROM", 64, ["syntax error", "Mend CATALOGUE_SQL"]),
        ("SELECT id AS product_id, 1.5 AS name FROM products", 65, ["the column name is of type double", "Cast name"]),
    ],
)
def test_a_wrong_catalogue_of_ones_own_ends_the_run_with_one_line(
    sample_shop_url: str, store_path: Path, sql: str, exit_code: int, parts: list[str]
) -> None:
    ended = train(DATABASE_URL=sample_shop_url, CATALOGUE_SQL=sql)
    assert_one_clear_line(ended, exit_code, "the catalogue query", *parts)
    assert Registry(FileStore(store_path)).current() is None


def test_a_catalogue_of_other_products_is_left_out_with_a_warning(sample_shop_url: str, store_path: Path) -> None:
    sql = "SELECT 'sku-' || id AS product_id, name FROM products"
    ended = train(DATABASE_URL=sample_shop_url, CATALOGUE_SQL=sql)
    assert ended.exit_code == 0
    assert "WARNING: No catalogue: none of its 33 products has an event. Is it filled, and are its" in ended.log
    assert published(store_path)[0] is None


def test_mariadb_gives_the_same_catalogue_as_sqlite(
    shop_settings: dict[str, str], sample_shop_url: str, tmp_path: Path
) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    for name, settings in (("one", shop_settings), ("other", {"DATABASE_URL": sample_shop_url})):
        ended = train(**settings, STORE_URL=(tmp_path / name).as_uri())
        assert "Loaded 33 products of the catalogue (6 categories, 0 without an event)" in ended.log
        assert "row by row" not in ended.log
    one, other = (published(tmp_path / name)[0] for name in ("one", "other"))
    assert one
    assert other
    assert one.names.utf8.tobytes() == other.names.utf8.tobytes()
    assert one.price.tolist() == other.price.tolist()
    assert one.category.tolist() == other.category.tolist()


def test_a_database_user_who_may_not_read_the_products_is_served_without(
    mariadb: MariaDb, shop_settings: dict[str, str]
) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    mariadb.execute("CREATE OR REPLACE USER narrow@'%' IDENTIFIED BY 'n'")
    for table in ("orders", "order_items", "product_views"):
        mariadb.execute(f"GRANT SELECT ON {shop_settings['DB_NAME']}.{table} TO narrow@'%'")
    ended = train(**{**shop_settings, "DB_USER": "narrow", "DB_PASSWORD": "n"})
    assert ended.exit_code == 0, ended.log
    assert "\nNo catalogue: the database refuses: SELECT command denied" in ended.log
