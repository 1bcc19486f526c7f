"""Shops of any size for the default schema: users of unequal zeal, products of unequal fame, nothing at all believable.

What a run costs depends on how many there are of each, on how often pairs repeat, and on how unequal users are; all of
that is here, and tastes are not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from benchmarks.shop_loader import schema

_SEED: Final = 20250105
_ITEMS_OF_AN_ORDER: Final = 3
_NEWEST: Final = 1_736_035_200  # 2025-01-05T00:00:00Z
_YEAR_SECONDS: Final = 365 * 86_400
_WRITTEN_ROWS: Final = 1 << 16

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GeneratedShop:
    """How many of each there are, about; `zeal` is the spread (sigma of a log-normal) of events over users."""

    users: int
    products: int
    purchases: int
    views: int
    zeal: float = 1.0


def generated_tables(shop: GeneratedShop) -> dict[str, pa.Table]:
    """Give the rows of each table of the default schema; the same shop gives the same rows."""
    rng = np.random.default_rng(_SEED)
    zeal = rng.lognormal(0.0, shop.zeal, shop.users).cumsum()
    fame = (1.0 / np.arange(1, shop.products + 1) ** 0.7)[rng.permutation(shop.products)].cumsum()
    n_orders = max(1, shop.purchases // _ITEMS_OF_AN_ORDER)
    bought = np.unique(_drawn(rng, shop.purchases, n_orders) * shop.products + _chosen(rng, fame, shop.purchases))
    return {
        "users": pa.table({"id": np.arange(1, shop.users + 1), "created_at": _times(np.zeros(shop.users, np.int64))}),
        "products": _products(shop.products),
        "orders": pa.table(
            {
                "id": np.arange(1, n_orders + 1),
                "user_id": _chosen(rng, zeal, n_orders) + 1,
                "status": pa.repeat("completed", n_orders),
                "created_at": _times(np.sort(_drawn(rng, n_orders, _YEAR_SECONDS))),
            }
        ),
        "order_items": pa.table(
            {
                "order_id": bought // shop.products + 1,
                "product_id": bought % shop.products + 1,
                "quantity": np.ones(len(bought), np.int64),
            }
        ),
        "product_views": pa.table(
            {
                "user_id": _chosen(rng, zeal, shop.views) + 1,
                "product_id": _chosen(rng, fame, shop.views) + 1,
                "viewed_at": _times(np.sort(_drawn(rng, shop.views, _YEAR_SECONDS))),
            }
        ),
    }


def write_sqlite(path: Path, rows: dict[str, pa.Table]) -> URL:
    """Write a shop's rows into a new SQLite file."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url)
    schema().create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("PRAGMA journal_mode = OFF")  # a file that is not finished is of no use to anybody
        for name, table in rows.items():
            places = ", ".join("?" for _ in table.column_names)
            statement = f"INSERT INTO {name} ({', '.join(table.column_names)}) VALUES ({places})"
            opened.executemany(statement, _tuples(table))
    return url


def _products(n_products: int) -> pa.Table:
    ids = np.arange(1, n_products + 1)
    return pa.table(
        {
            "id": ids,
            "name": [f"Product {product}" for product in ids.tolist()],
            "category": pa.repeat("Everything", n_products),
            "price": np.ones(n_products, np.int64),
            "is_active": np.ones(n_products, np.int64),
        }
    )


def _drawn(rng: np.random.Generator, size: int, end: int) -> Ints:
    return rng.integers(0, end, size)


def _chosen(rng: np.random.Generator, cumulative: NDArray[np.float64], size: int) -> Ints:
    """Draw positions with the weights whose running sum is given."""
    chosen: Ints = np.searchsorted(cumulative, rng.random(size) * cumulative[-1]).astype(np.int64)
    return chosen


def _times(seconds_before: Ints) -> pa.Array:
    return pa.array((_NEWEST - seconds_before).astype("datetime64[s]"))


def _tuples(table: pa.Table) -> Iterator[tuple[object, ...]]:
    for batch in table.to_batches(_WRITTEN_ROWS):
        columns = [_sqlite_values(column) for column in batch.columns]
        yield from zip(*columns, strict=True)


def _sqlite_values(column: pa.Array) -> list[object]:
    if pa.types.is_timestamp(column.type):
        return [
            f"{moment.replace('T', ' ')}.000000" for moment in np.datetime_as_string(column.to_numpy(), "s").tolist()
        ]
    values: list[object] = column.to_pylist()
    return values
