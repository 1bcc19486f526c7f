"""Shops that grow as real ones do, and a way to get a hundred million rows into MariaDB within minutes.

Ten times the interactions come from ten times the users, who do as much as before, and of three times the products.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa
from sqlalchemy import Engine, MetaData, create_engine
from sqlalchemy.engine import URL, make_url

from benchmarks.generated_shops import GeneratedShop, generated_tables
from benchmarks.planned_shops import shop_server
from benchmarks.shop_loader import load_table, schema
from tests.parts.mariadb import MariaDb

_INTERACTIONS_OF_A_USER: Final = 30
_PRODUCTS_AT_A_MILLION: Final = 10_000
_PURCHASED_SHARE: Final = 0.3
_LOADERS: Final = 2
_BUFFER_POOL_BYTES: Final = 6 << 30


def shop_of(millions: float) -> GeneratedShop:
    """Give the shop of about so many million interactions, three purchases in ten and the rest views."""
    interactions = round(millions * 1e6)
    purchases = round(_PURCHASED_SHARE * interactions)
    products = round(_PRODUCTS_AT_A_MILLION * millions**0.5)
    users = max(1, interactions // _INTERACTIONS_OF_A_USER)
    return GeneratedShop(users, products, purchases, interactions - purchases)


@contextmanager
def roomy_server() -> Iterator[MariaDb]:
    """Run a private MariaDB whose memory holds all tables of 100 million interactions, so that no disk is measured.

    Raises BadSettingsError where it is not installed.
    """
    with shop_server() as server:
        server.execute(f"SET GLOBAL innodb_buffer_pool_size = {_BUFFER_POOL_BYTES}")
        yield server


@contextmanager
def in_database(shop: GeneratedShop, server: MariaDb, folder: Path) -> Iterator[URL]:
    """Give the address of a shop for as long as the context lasts; files in between lie in `folder`.

    Tables have their primary keys only: the trainer's queries use no other, and to make them would take longer than
    all the rest.
    """
    url = make_url(server.create_database("growing"))
    engine = create_engine(url, connect_args={"local_infile": True})
    try:
        _bare_schema().create_all(engine)
        _fill(engine, generated_tables(shop), folder)
        yield url
    finally:
        engine.dispose()
        server.drop_database("growing")


def _bare_schema() -> MetaData:
    bare = schema()
    for table in bare.tables.values():
        table.indexes.clear()
        table.constraints.difference_update(set(table.foreign_key_constraints))
    return bare


def _fill(engine: Engine, rows: dict[str, pa.Table], folder: Path) -> None:
    """Load some tables side by side, the longest first: the server parses the rows of one on one core."""
    longest_first = sorted(rows, key=lambda name: -len(rows[name]))
    with ThreadPoolExecutor(_LOADERS) as pool:
        list(pool.map(partial(_load, engine, rows, folder), longest_first))
    with engine.begin() as opened:
        opened.exec_driver_sql(f"ANALYZE TABLE {', '.join(rows)}").fetchall()


def _load(engine: Engine, rows: dict[str, pa.Table], folder: Path, name: str) -> None:
    with engine.begin() as opened:
        opened.exec_driver_sql("SET SESSION unique_checks = 0")
        load_table(opened, name, rows[name], folder / f"{name}.csv")
        # LOAD DATA mends what it cannot take and says so in warnings only.
        stored = opened.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar_one()
    if stored != len(rows[name]):
        raise RuntimeError(f"{name} has {stored:,} rows, and {len(rows[name]):,} were written")
