"""What the quantity of a row counts, on SQLite and MariaDB."""

import json
import math
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from runtime.errors import BadDataError
from tests.trainer.shops import empty_shop, triples
from trainer.reading.database import check_columns, connect
from trainer.settings import TrainerSettings

NEW_YEAR = datetime.fromisoformat("2025-01-01 12:30:00")


def url(shop: Engine) -> str:
    return shop.url.render_as_string(hide_password=False)


def sales(
    shop: Engine, quantities: dict[int, object], quantity_type: str = "DECIMAL(12, 3)", **row: str
) -> dict[str, object]:
    """Log one sale a product, by its quantity, and give EVENTS that read them."""
    with shop.begin() as connection:
        connection.execute(text(f"CREATE TABLE sales (product_id BIGINT, at DATETIME, units {quantity_type})"))
        rows = [{"p": product, "at": NEW_YEAR, "units": units} for product, units in quantities.items()]
        connection.execute(text("INSERT INTO sales VALUES (:p, :at, :units)"), rows)
    also = "".join(f", {sql} AS {column}" for column, sql in row.items())
    sql = f"SELECT 1 AS user_id, product_id, at AS occurred_at, units AS quantity{also} FROM sales"
    return {"purchase": {"sql": sql}, "view": {"weight": 0}}


def weights(shop: Engine, events: dict[str, object], quantity: str) -> dict[str, float]:
    read = triples(url(shop), events=events, quantity=quantity)
    return {product: weight for _, product, _, _, weight in read}


def test_six_bottles_are_one_purchase_unless_the_shop_says_otherwise(shop: Engine) -> None:
    events = sales(shop, {10: 6, 11: 1})
    assert weights(shop, events, "ignore") == {"10": 1.0, "11": 1.0}
    assert weights(shop, events, "sum") == {"10": 6.0, "11": 1.0}
    assert weights(shop, events, "log") == {"10": round(1 + math.log(6), 6), "11": 1.0}


def test_a_part_of_a_unit_is_a_part_in_a_sum_and_once_in_a_log(shop: Engine) -> None:
    events = sales(shop, {10: 0.25})
    assert weights(shop, events, "sum") == {"10": 0.25}
    assert weights(shop, events, "log") == {"10": 1.0}


def test_quantity_multiplies_a_rows_own_weight_and_its_kinds(shop: Engine) -> None:
    events = sales(shop, {10: 3}, weight="0.5")
    assert triples(url(shop), events=events, quantity="sum", purchase_weight=2)[0][4] == 3.0


@pytest.mark.parametrize("quantity", ["sum", "log"])
def test_returns_are_skipped_and_counted_where_quantities_count(
    shop: Engine, caplog: pytest.LogCaptureFixture, quantity: str
) -> None:
    events = sales(shop, {10: 2, 11: 0, 12: -1, 13: -0.5})
    with caplog.at_level("INFO"):
        assert set(weights(shop, events, quantity)) == {"10"}
    assert "Skipped 3 purchase records of no quantity (returns?)" in caplog.text
    assert len(weights(shop, events, "ignore")) == 4


def test_a_row_without_a_quantity_is_one_unit(shop: Engine) -> None:
    assert weights(shop, sales(shop, {10: None, 11: 4}), "sum") == {"10": 1.0, "11": 4.0}
    with shop.begin() as connection:
        connection.execute(text("DELETE FROM sales WHERE product_id = 11"))
    assert weights(shop, sales_again(), "log") == {"10": 1.0}


def sales_again() -> dict[str, object]:
    sql = "SELECT 1 AS user_id, product_id, at AS occurred_at, units AS quantity FROM sales"
    return {"purchase": {"sql": sql}, "view": {"weight": 0}}


def test_a_quantity_that_is_no_number_is_refused(shop: Engine) -> None:
    events = sales(shop, {10: "a dozen"}, "VARCHAR(20)")
    assert weights(shop, events, "ignore") == {"10": 1.0}
    with pytest.raises(BadDataError, match="the purchase query: the column quantity is not a number"):
        weights(shop, events, "sum")


def test_a_quantity_beyond_any_sense_is_refused(shop: Engine) -> None:
    events = sales(shop, {10: 1, 11: 1e30}, "DOUBLE")
    with pytest.raises(BadDataError, match=r"the column quantity holds 1e\+30 in 1 rows"):
        weights(shop, events, "log")


def test_the_default_purchases_have_the_quantity_of_their_order_item(shop: Engine) -> None:
    empty_shop(shop)
    with shop.begin() as connection:
        connection.execute(text("INSERT INTO users (id, created_at) VALUES (1, '2025-01-01')"))
        connection.execute(
            text("INSERT INTO products (id, name, category, price, is_active) VALUES (5, 'Tea', 'Drinks', 2, 1)")
        )
        connection.execute(
            text("INSERT INTO orders (id, user_id, status, created_at) VALUES (1, 1, 'completed', '2025-01-01')")
        )
        connection.execute(text("INSERT INTO order_items (order_id, product_id, quantity) VALUES (1, 5, 7)"))
    assert [event[4] for event in triples(url(shop))] == [1.0]
    assert [event[4] for event in triples(url(shop), quantity="sum")] == [7.0]


@pytest.mark.parametrize(("quantity", "is_read"), [("ignore", False), ("sum", True), ("log", True)])
def test_a_quantity_that_does_not_count_is_not_read(shop: Engine, quantity: str, is_read: bool) -> None:
    settings = TrainerSettings.load(database_url=url(shop), events=sales(shop, {10: 1}), quantity=quantity)
    query, engine = settings.event_queries()[0], connect(settings.sqlalchemy_url())
    assert ("quantity" in query.selecting(check_columns(engine, query)).partition("FROM")[0]) == is_read
    engine.dispose()


def test_a_quantity_that_no_query_gives_is_told(shop: Engine, caplog: pytest.LogCaptureFixture) -> None:
    sales(shop, {10: 2})
    events = {
        "purchase": {"sql": "SELECT 1 AS user_id, product_id, at AS occurred_at FROM sales"},
        "view": {"weight": 0},
    }
    assert weights(shop, json.loads(json.dumps(events)), "log") == {"10": 1.0}
    assert "QUANTITY=log changes nothing: no query gives a column quantity" in caplog.text
