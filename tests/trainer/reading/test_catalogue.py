"""What a shop's catalogue may hold, on SQLite and MariaDB: what is used of it, and what is said of the rest."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, text

from runtime.errors import BadDataError, BadSettingsError
from trainer.arrays.scratch import IN_MEMORY
from trainer.reading.catalogue import CatalogueRows, read_catalogue
from trainer.settings import TrainerSettings

Row = Mapping[str, Any]
Read = Callable[..., CatalogueRows]
SQL = "SELECT * FROM wares;"


@pytest.fixture
def wares(shop: Engine) -> Callable[..., None]:
    """Make a table of the given columns and fill it with rows of (product_id, ...)."""

    def make(columns: str, *rows: tuple[object, ...]) -> None:
        with shop.begin() as connection:
            connection.execute(text(f"CREATE TABLE wares ({columns})"))
            for row in rows:
                named = {f"v{number}": value for number, value in enumerate(row)}
                connection.execute(text(f"INSERT INTO wares VALUES ({', '.join(f':{name}' for name in named)})"), named)

    return make


@pytest.fixture
def read(shop: Engine) -> Read:
    url = shop.url.render_as_string(hide_password=False)
    return lambda sql=SQL: read_catalogue(TrainerSettings.load(database_url=url, catalogue_sql=sql), IN_MEMORY)


def told(rows: CatalogueRows) -> dict[str, Row]:
    """Give what is known of each product."""
    known = [{name: value for name, value in row.items() if value is not None} for row in rows.columns.to_pylist()]
    return {rows.ids.at(idx): row for idx, row in enumerate(known)}


def test_each_product_has_what_the_shop_says_of_it(wares: Callable[..., None], read: Read) -> None:
    wares(
        "product_id BIGINT, name VARCHAR(400), category VARCHAR(100), price DECIMAL(10, 2), available BOOLEAN, "
        "image_url TEXT, stock INT",
        (2, "Crème 🛒 ☕", "Süßes", "4.50", 0, "https://shop/2?a=%20", 1),
        (1, "x" * 300, "Tea", 5, 1, None, 1),
    )
    assert told(read()) == {
        "1": {"name": "x" * 300, "category": "Tea", "price": 5.0, "available": 1},
        "2": {
            "name": "Crème 🛒 ☕",
            "category": "Süßes",
            "price": 4.5,
            "available": 0,
            "image_url": "https://shop/2?a=%20",
        },
    }


def test_a_catalogue_may_be_ids_alone(wares: Callable[..., None], read: Read) -> None:
    wares("product_id BIGINT", (2,), (1,))
    assert told(read()) == {"1": {}, "2": {}}


def test_what_is_null_or_empty_is_unknown(wares: Callable[..., None], read: Read) -> None:
    wares(
        "product_id BIGINT, name TEXT, category TEXT, price DOUBLE, available INT, image_url TEXT",
        (1, "", "", None, None, ""),
        (2, None, None, None, None, None),
        (3, "a", None, 1, 1, None),
    )
    assert told(read()) == {"1": {}, "2": {}, "3": {"name": "a", "price": 1.0, "available": 1}}
    assert told(read("SELECT product_id, NULL AS name, NULL AS price, NULL AS available FROM wares")) == {
        "1": {},
        "2": {},
        "3": {},
    }


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("BIGINT", [-(2**62), 0, 2**33]),
        ("VARCHAR(300)", ["", " 1", "007", "50%", "x" * 300, "Đặng 🛒"]),
    ],
    ids=["integers", "text"],
)
def test_ids_are_those_of_events(wares: Callable[..., None], read: Read, kind: str, ids: list[object]) -> None:
    wares(f"product_id {kind}, name TEXT", *((one, f"of {one}") for one in ids))
    assert told(read()) == {str(one): {"name": f"of {one}"} for one in ids}


def test_rows_without_a_product_are_skipped_and_counted(
    wares: Callable[..., None], read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    wares("product_id BIGINT, name TEXT", (None, "a"), (1, "b"), (None, "c"))
    assert told(read()) == {"1": {"name": "b"}}
    assert "Skipped 2 rows of the catalogue without a product_id" in caplog.text


@pytest.mark.parametrize("order", ["name", "name DESC"])
def test_of_several_rows_of_a_product_the_first_counts_whatever_the_order_of_the_database(
    wares: Callable[..., None], read: Read, caplog: pytest.LogCaptureFixture, order: str
) -> None:
    wares(
        "product_id BIGINT, name VARCHAR(9), category VARCHAR(9), price DOUBLE",
        (1, "b", "x", 1),
        (1, "a", "y", 3),
        (1, "a", "y", 2),
        (1, None, "w", 1),
        (2, "c", "z", 4),
    )
    rows = read(f"SELECT * FROM wares ORDER BY {order}, price {order.removeprefix('name')} LIMIT 100")
    assert told(rows) == {
        "1": {"name": "a", "category": "y", "price": 2.0},
        "2": {"name": "c", "category": "z", "price": 4.0},
    }
    assert "Skipped 3 rows of the catalogue whose product has one already" in caplog.text


def test_prices_that_are_none_are_unknown_and_counted(
    wares: Callable[..., None], read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    prices = ["12.50", "-1", "free", "12,50", "nan", "inf", "1e20", "", None, "0", " 7 "]
    wares("product_id BIGINT, price VARCHAR(20)", *enumerate(prices))
    assert {number: row["price"] for number, row in told(read()).items() if row} == {"0": 12.5, "9": 0.0, "10": 7.0}
    assert "7 rows of the catalogue have a price that is no number of at least 0: it counts as unknown" in caplog.text


def test_numbers_below_nothing_and_without_end_are_no_prices(
    wares: Callable[..., None], read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    wares("product_id BIGINT, price DOUBLE", (1, -0.5), (2, 1e300), (3, 2.5), (4, 1e16))
    assert told(read()) == {"1": {}, "2": {}, "3": {"price": 2.5}, "4": {}}
    assert "3 rows of the catalogue have a price" in caplog.text


def test_sound_catalogues_are_read_without_a_warning(
    wares: Callable[..., None], read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    wares("product_id BIGINT, price NUMERIC(10, 2), category INT", (1, 5, 7), (2, 4.5, None), (3, None, 7))
    with caplog.at_level("INFO"):
        assert told(read())["2"] == {"price": 4.5}
    assert told(read())["1"] == {"price": 5.0, "category": "7"}
    assert not caplog.records


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("CASE WHEN n > 1 THEN 1 ELSE 0 END", [0, 0, 1]),
        ("n > 1", [0, 0, 1]),
        ("n - 1", [0, 0, 1]),
        ("CASE WHEN n > 1 THEN 'TRUE' ELSE 'false' END", [0, 0, 1]),
        ("CASE WHEN n > 1 THEN NULL ELSE '0' END", [0, 0, None]),
        ("n * 0.25", [0, 1, 1]),
    ],
)
def test_availability_is_said_in_several_ways(
    wares: Callable[..., None], read: Read, answers: str, expected: list[int | None]
) -> None:
    wares("product_id BIGINT, n INT", (1, 0), (2, 1), (3, 2))
    rows = read(f"SELECT product_id, {answers} AS available FROM wares")
    assert rows.columns["available"].to_pylist() == expected


@pytest.mark.parametrize(
    ("column", "sql", "may_be"),
    [
        ("name", "1.5", "text"),
        ("available", "'perhaps'", "0 or 1"),
        ("product_id", "1.5", "an id must be an integer or text"),
    ],
)
def test_a_column_that_cannot_say_what_it_should_is_named(
    wares: Callable[..., None], read: Read, column: str, sql: str, may_be: str
) -> None:
    wares("id BIGINT", (1,))
    columns = {"product_id": "id", column: sql}
    chosen = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    with pytest.raises(BadDataError, match=rf"the catalogue query: the column {column} is of type .*{may_be}"):
        read(f"SELECT {chosen} FROM wares")


def test_a_catalogue_without_ids_names_what_it_gives(wares: Callable[..., None], read: Read) -> None:
    wares("sku BIGINT, name TEXT", (1, "a"))
    with pytest.raises(BadSettingsError, match="the catalogue query gives the columns sku, name; it lacks product_id"):
        read()


def test_percent_signs_and_colons_in_a_shops_sql_are_no_parameters(wares: Callable[..., None], read: Read) -> None:
    wares("product_id BIGINT, name VARCHAR(20)", (1, "50% off"), (2, "a:b"), (3, "c"))
    assert list(told(read("SELECT * FROM wares WHERE name LIKE '50%' OR name = 'a:b'"))) == [
        "1",
        "2",
    ]
