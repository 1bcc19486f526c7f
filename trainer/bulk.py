"""Reading a query's rows as Arrow batches: ConnectorX where it can, row by row through SQLAlchemy elsewhere.

ConnectorX decodes MySQL's protocol in Rust straight into Arrow batches, which wait where they are not taken as fast as
they come. It takes fewer kinds of columns than a driver does, and panics at the others: then the query is asked again
through SQLAlchemy, which either reads it or says in the driver's words what is wrong.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pyarrow as pa
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from runtime.errors import BadDataError
from trainer.database import stream_rows

BATCH_ROWS: Final = 1 << 16
_STDERR: Final = 2
# Options of a URL that change nothing in how ConnectorX must connect; any other one (TLS, say) needs the driver.
_HARMLESS_OPTIONS: Final = {"charset"}

log = logging.getLogger(__name__)

Consume = Callable[[pa.RecordBatch], None]


class BulkReadError(Exception):
    """ConnectorX could not read a query to its end."""


def read_query(engine: Engine, sql: str, columns: tuple[str, ...], asking: str, begin: Callable[[], Consume]) -> None:
    """Give every batch of a query's rows to a consumer; `begin` makes one, and a new one where reading starts again.

    Raises TryAgainError where the database goes away, BadDataError where a column is a mix of types.
    """
    address = _connectorx_address(engine.url)
    if address is not None:
        try:
            _consume(_connectorx_batches(address, sql), begin())
        except BulkReadError as error:
            reason = str(error).replace(address, "the database")  # the address holds the password
            log.warning("Reading %s in bulk failed (%s); reading it row by row", asking, reason)
        else:
            return
    _consume(_row_batches(engine, sql, columns, asking), begin())


def _consume(batches: Iterator[pa.RecordBatch], consume: Consume) -> None:
    for batch in batches:
        consume(batch)


def _connectorx_address(url: URL) -> str | None:
    """Give the address in ConnectorX's form, None where it cannot connect as this URL asks."""
    if not set(url.query) <= _HARMLESS_OPTIONS:
        return None
    if url.get_backend_name() == "sqlite" and url.database:
        return f"sqlite://{quote(str(Path(url.database).resolve()))}"
    if url.get_backend_name() in {"mysql", "mariadb"}:
        user, password = quote(url.username or "", safe=""), quote(str(url.password or ""), safe="")
        place = f"{url.host or 'localhost'}:{url.port or 3306}/{quote(url.database or '')}"
        # On localhost the driver would change to the socket that the server names, which behind a forwarded port is
        # another machine's.
        return f"mysql://{user}:{password}@{place}?prefer_socket=false"
    return None


def _connectorx_batches(address: str, sql: str) -> Iterator[pa.RecordBatch]:
    import connectorx  # noqa: PLC0415 (0.06 s to import)

    # A panic reports itself from ConnectorX's own thread, at any time while it reads.
    with _stderr_swallowed():
        with _rust_errors():
            reader = connectorx.read_sql(address, sql, return_type="arrow_stream", batch_size=BATCH_ROWS)
        while True:
            with _rust_errors():
                batch = next(reader, None)
            if batch is None:
                return
            yield batch


@contextmanager
def _rust_errors() -> Iterator[None]:
    """Turn ConnectorX's errors and panics into BulkReadError."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001
        # A Rust panic is a BaseException, so that no narrower clause catches it.
        raise BulkReadError(" ".join(str(error).split())) from None


@contextmanager
def _stderr_swallowed() -> Iterator[None]:
    """Keep what Rust prints off standard error; nothing of ours is logged in the meantime."""
    with tempfile.TemporaryFile() as swallowed:
        saved = os.dup(_STDERR)
        os.dup2(swallowed.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(saved, _STDERR)
            os.close(saved)


def _row_batches(engine: Engine, sql: str, columns: tuple[str, ...], asking: str) -> Iterator[pa.RecordBatch]:
    for rows in stream_rows(engine, sql, BATCH_ROWS, asking):
        arrays = [
            _arrow_column(values, name, asking) for name, values in zip(columns, zip(*rows, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _arrow_column(values: tuple[object, ...], name: str, asking: str) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        if any(isinstance(value, datetime) for value in values):
            # PyMySQL gives MySQL's zero dates as text among the times.
            return pa.array([None if value is None else str(value) for value in values])
        raise BadDataError(
            f"{asking}: the column {name} holds values of different types ({error})",
            hint=f"Cast {name} to one type in the query",
        ) from None
