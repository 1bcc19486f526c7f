"""Reading queries' rows as Arrow batches: ConnectorX where it can, row by row through SQLAlchemy elsewhere.

ConnectorX decodes MySQL's protocol in Rust straight into Arrow batches. It takes fewer kinds of columns than a driver
does, and panics at the others: then the query is asked again through SQLAlchemy, which either reads it or says in the
driver's words what is wrong.

Queries are read at the same time, each to its end and on a connection of its own, before a row is taken: into memory,
or, in a process of its own, into a file (trainer.reading.spooling).

InnoDB answers each query from one snapshot, as of the moment when it began. Queries on several connections have one
each: they begin together, but sharing one would take FLUSH TABLES WITH READ LOCK, which needs the right RELOAD.
"""

import logging
import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pyarrow as pa
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from runtime.errors import BadDataError
from trainer.arrays.scratch import Scratch
from trainer.reading.database import stream_rows
from trainer.reading.spooling import BATCH_ROWS, SpoolError, spooled

_STDERR: Final = 2
# Options of a URL that change nothing in how ConnectorX must connect; any other one (TLS, say) needs the driver.
_HARMLESS_OPTIONS: Final = {"charset"}

log = logging.getLogger(__name__)

Batches = Iterator[pa.RecordBatch]


class BulkReadError(Exception):
    """ConnectorX could not read a query."""


@dataclass(frozen=True)
class Question:
    """SQL that gives just these columns, and what to call it in a line that says what went wrong."""

    sql: str
    columns: tuple[str, ...]
    asking: str


def read_queries(
    engine: Engine, questions: Sequence[Question], connections: int, scratch: Scratch
) -> Iterator[Batches]:
    """Give the batches of each question's rows, in the order of the questions.

    At most `connections` are read in bulk at once. The memory of a batch is free once the next one is taken. Raises,
    where batches are taken, TryAgainError where the database goes away or a disk is full, BadSettingsError where the
    database refuses a query, BadDataError where a column is a mix of types.
    """
    address = bulk_address(engine.url)
    if address is None:
        for question in questions:
            yield read_rows(engine, question)
        return
    readings = deque(_read_in_bulk(address, questions, connections, scratch))
    for question in questions:
        yield _batches(readings.popleft(), engine, question, address)


def _batches(reading: Future[Batches], engine: Engine, question: Question, address: str) -> Batches:
    try:
        batches = reading.result()
    except BulkReadError as error:
        reason = str(error).replace(address, "the database")  # the address holds the password
        log.warning("Reading %s in bulk failed (%s); reading it row by row", question.asking, reason)
        yield from read_rows(engine, question)
        return
    del reading
    yield from batches


def bulk_address(url: URL) -> str | None:
    """Give a database's address in ConnectorX's form, None where it cannot connect as this URL asks."""
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


def _read_in_bulk(
    address: str, questions: Sequence[Question], connections: int, scratch: Scratch
) -> list[Future[Batches]]:
    """Read all questions to their ends, and give what became of each: its batches, or BulkReadError."""
    turns = threading.BoundedSemaphore(connections)
    # A panic reports itself from ConnectorX's own threads, at any time while it reads.
    with _stderr_swallowed():
        readings = [_start_reading(address, question.sql, turns, scratch) for question in questions]
        wait(readings)
    return readings


def _start_reading(address: str, sql: str, turns: threading.BoundedSemaphore, scratch: Scratch) -> Future[Batches]:
    reading: Future[Batches] = Future()

    def read() -> None:
        try:
            with turns:
                reading.set_result(_read(address, sql, scratch))
        except BaseException as error:  # noqa: BLE001 (raised where the result is taken)
            reading.set_exception(error)

    # A thread that reads cannot be stopped: as a daemon it does not keep a process from ending at a signal.
    threading.Thread(target=read, name="bulk", daemon=True).start()
    return reading


def _read(address: str, sql: str, scratch: Scratch) -> Batches:
    with scratch.spool() as file:
        if file is None:
            return _each_once(_table(address, sql))
        try:
            return spooled(address, sql, file)
        except SpoolError as error:
            file.close()
            raise BulkReadError(str(error)) from None


def _table(address: str, sql: str) -> pa.Table:
    import connectorx  # noqa: PLC0415 (0.06 s to import)

    with _rust_errors():
        return connectorx.read_sql(address, sql, return_type="arrow")


def _each_once(table: pa.Table) -> Batches:
    """Give a table's batches, and keep none."""
    batches = deque(table.to_batches())
    del table
    while batches:
        yield batches.popleft()


@contextmanager
def _rust_errors() -> Iterator[None]:
    """Turn ConnectorX's errors and panics into BulkReadError."""
    try:
        yield
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001
        # A Rust panic is a BaseException, so that no narrower clause catches it.
        raise BulkReadError(" ".join(str(error).split())) from None


@contextmanager
def _stderr_swallowed() -> Iterator[None]:
    """Keep what Rust prints off standard error: the whole process's, so that the run itself logs nothing meanwhile."""
    with tempfile.TemporaryFile() as swallowed:
        saved = os.dup(_STDERR)
        os.dup2(swallowed.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(saved, _STDERR)
            os.close(saved)


def read_rows(engine: Engine, question: Question) -> Batches:
    """Give a question's rows as the driver reads them. Raises what asking a database raises."""
    columns, asking = question.columns, question.asking
    for rows in stream_rows(engine, question.sql, BATCH_ROWS, asking):
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
