"""Writing a shop's rows into MySQL or MariaDB in bulk, and telling whether a database holds them already."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from sqlalchemy import BigInteger, Connection, Engine, MetaData, create_engine, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from runtime.errors import BadSettingsError
from trainer.sample_shop import tables as default_schema

# By table, its number of rows and the sums of its columns below, times in seconds: no other shop has the same.
Fingerprint = dict[str, tuple[int, ...]]

_SUMMED: Final = {
    "users": ["id", "created_at"],
    "products": ["id"],
    "orders": ["id", "user_id", "created_at"],
    "order_items": ["order_id", "product_id", "quantity"],
    "product_views": ["user_id"],
}
# MySQL's and MariaDB's error codes of a server that takes no files from its clients.
_FILES_REFUSED: Final = {1148, 3948, 4166}


@dataclass(frozen=True)
class LoadedShop:
    """A shop in a database: its rows by table, and the seconds of loading, None where they were there already."""

    url: URL
    rows: dict[str, int]
    load_seconds: float | None

    @property
    def is_new(self) -> bool:
        """Whether this process made its tables."""
        return self.load_seconds is not None


def schema() -> MetaData:
    """Give the default schema with room for the ids of baskets, which exceed 32 bits."""
    copied = MetaData()
    for table in default_schema.SCHEMA.sorted_tables:
        table.to_metadata(copied)
    copied.tables["orders"].c.id.type = BigInteger()
    copied.tables["order_items"].c.order_id.type = BigInteger()
    return copied


def load_shop(url: URL, rows: dict[str, pa.Table], folder: Path) -> LoadedShop:
    """Make a shop's tables and fill them, unless the database holds just these rows already.

    Files in between lie in `folder`. A load that fails leaves no table. Raises BadSettingsError where there are such
    tables with anything else in them, or where the server does not take files from its clients.
    """
    engine = create_engine(url, connect_args={"local_infile": True})
    counts = {name: len(table) for name, table in rows.items()}
    try:
        existing = sorted(set(inspect(engine).get_table_names()) & set(_SUMMED))
        if existing:
            _check_same(engine, existing, rows)
            return LoadedShop(url, counts, None)
        started = time.monotonic()
        _write(engine, rows, folder)
        return LoadedShop(url, counts, time.monotonic() - started)
    finally:
        engine.dispose()


def drop_shop(url: URL) -> None:
    """Drop the tables that `load_shop` made."""
    engine = create_engine(url)
    schema().drop_all(engine)
    engine.dispose()


def _check_same(engine: Engine, existing: list[str], rows: dict[str, pa.Table]) -> None:
    if len(existing) < len(_SUMMED) or _stored(engine) != _expected(rows):
        raise BadSettingsError(
            f"the database {engine.url.database} has the tables {', '.join(existing)} with something else in them",
            hint="Nothing was written: name an empty database, or set none for a private one",
        )


def _write(engine: Engine, rows: dict[str, pa.Table], folder: Path) -> None:
    try:
        schema().create_all(engine)
        _fill(engine, rows, folder)
    except BaseException:
        schema().drop_all(engine)
        raise


def _fill(engine: Engine, rows: dict[str, pa.Table], folder: Path) -> None:
    with engine.begin() as opened:
        # The rows come in the order of their keys from one consistent source, so that checks only cost time.
        opened.exec_driver_sql("SET SESSION unique_checks = 0, foreign_key_checks = 0")
        for name, table in rows.items():
            load_table(opened, name, table, folder / f"{name}.csv")
    with engine.begin() as opened:
        opened.exec_driver_sql(f"ANALYZE TABLE {', '.join(_SUMMED)}").fetchall()
    # LOAD DATA mends what it cannot take and says so in warnings only.
    if _stored(engine) != _expected(rows):
        raise RuntimeError(f"written and read back differ: {_expected(rows)} and {_stored(engine)}")


def load_table(opened: Connection, name: str, table: pa.Table, path: Path) -> None:
    """Fill a table, through a file that goes again. Raises BadSettingsError where the server takes no files."""
    pa_csv.write_csv(table, path, pa_csv.WriteOptions(include_header=False))
    statement = (
        f"LOAD DATA LOCAL INFILE %s INTO TABLE {name} CHARACTER SET utf8mb4 "
        f"FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' ({', '.join(table.column_names)})"
    )
    try:
        opened.exec_driver_sql(statement, (str(path),))
    except DBAPIError as error:
        if error.orig is None or error.orig.args[0] not in _FILES_REFUSED:
            raise
        hint = "Let the server take files from its clients: SET GLOBAL local_infile = 1"
        raise BadSettingsError(f"{name} cannot be filled: {error.orig.args[1]}", hint=hint) from None
    finally:
        path.unlink()


def _stored(engine: Engine) -> Fingerprint:
    with engine.connect() as opened:
        return {name: _stored_of(opened, name, columns) for name, columns in _SUMMED.items()}


def _stored_of(opened: Connection, name: str, columns: list[str]) -> tuple[int, ...]:
    sums = ", ".join(f"COALESCE(SUM({_number(column)}), 0)" for column in columns)
    row = opened.exec_driver_sql(f"SELECT COUNT(*), {sums} FROM {name}").one()
    return tuple(int(value) for value in row)


def _number(column: str) -> str:
    return f"TIMESTAMPDIFF(SECOND, '1970-01-01', {column})" if column == "created_at" else column


def _expected(rows: dict[str, pa.Table]) -> Fingerprint:
    return {name: _expected_of(rows.get(name), columns) for name, columns in _SUMMED.items()}


def _expected_of(table: pa.Table | None, columns: list[str]) -> tuple[int, ...]:
    if table is None:
        return (0,) * (1 + len(columns))
    return (len(table), *(pc.sum(table[column].cast(pa.int64())).as_py() for column in columns))
