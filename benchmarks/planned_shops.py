"""The shops on which plans are fitted, and the other ones on which they are checked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
from sqlalchemy.engine import URL, make_url

from benchmarks.generated_shops import GeneratedShop, generated_tables, write_sqlite
from benchmarks.journey import shop_tables
from benchmarks.shop_loader import load_shop
from runtime.errors import BadSettingsError
from tests.parts.mariadb import MariaDb, running_mariadb
from tests.parts.missing import PartMissingError
from trainer.sample_shop.tables import fill

_BUFFER_POOL_BYTES: Final = 1 << 30
_LOG_BYTES: Final = 256 << 20
_TEXT_IDS: Final = {
    "purchase": {
        "sql": "SELECT CONCAT('customer-', o.user_id) AS user_id, CONCAT('sku-', i.product_id) AS product_id, "
        "o.created_at AS occurred_at FROM orders o JOIN order_items i ON i.order_id = o.id"
    },
    "view": {
        "sql": "SELECT CONCAT('customer-', user_id) AS user_id, CONCAT('sku-', product_id) AS product_id, "
        "viewed_at AS occurred_at FROM product_views"
    },
}


@dataclass(frozen=True)
class PlannedShop:
    """A shop and where it lies: the sample shop, the Complete Journey, or one that is generated."""

    name: str
    made: GeneratedShop | str
    database: str = "MariaDB"
    settings: Mapping[str, str] = field(default_factory=dict)


SAMPLE: Final = PlannedShop("sample shop", "sample", "SQLite")
CHECKED: Final = (
    SAMPLE,
    PlannedShop("completejourney", "journey"),
    PlannedShop("3 M events", GeneratedShop(60_000, 8_000, 900_000, 2_100_000, 0.9), "SQLite"),
    PlannedShop("1 M users", GeneratedShop(1_000_000, 20_000, 1_500_000, 4_500_000, 0.7)),
)
FITTED: Final = (
    SAMPLE,
    PlannedShop("repeats", GeneratedShop(2_000, 500, 1_000_000, 2_000_000)),
    PlannedShop("small", GeneratedShop(20_000, 2_000, 300_000, 700_000), "SQLite"),
    PlannedShop("products", GeneratedShop(5_000, 60_000, 500_000, 700_000)),
    PlannedShop("users", GeneratedShop(400_000, 10_000, 1_000_000, 2_000_000)),
    PlannedShop(
        "texts", GeneratedShop(200_000, 20_000, 500_000, 1_000_000), settings={"EVENTS": json.dumps(_TEXT_IDS)}
    ),
    PlannedShop("large", GeneratedShop(150_000, 15_000, 2_000_000, 5_000_000, 0.8)),
)


@contextmanager
def shop_server() -> Iterator[MariaDb]:
    """Run a private MariaDB whose memory holds the tables. Raises BadSettingsError where it is not installed."""
    try:
        with running_mariadb() as server:
            server.execute(f"SET GLOBAL innodb_buffer_pool_size = {_BUFFER_POOL_BYTES}")
            server.execute(f"SET GLOBAL innodb_log_file_size = {_LOG_BYTES}")
            yield server
    except PartMissingError as missing:
        raise BadSettingsError(str(missing)) from None


@contextmanager
def loaded(shop: PlannedShop, server: MariaDb, folder: Path) -> Iterator[URL]:
    """Give the address of a shop for as long as the context lasts; its files lie in `folder`."""
    if shop.made == "sample":
        url = URL.create("sqlite", database=str(folder / "shop.db"))
        fill(url)
        yield url
    elif shop.database == "SQLite":
        yield write_sqlite(folder / "shop.db", _tables(shop))
    else:
        url = make_url(server.create_database("planned"))
        load_shop(url, _tables(shop), folder)
        yield url
        server.drop_database("planned")


def _tables(shop: PlannedShop) -> dict[str, pa.Table]:
    return generated_tables(shop.made) if isinstance(shop.made, GeneratedShop) else shop_tables()
