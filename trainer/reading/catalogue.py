"""Reading the shop's catalogue: its own SQL, one row a product."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Engine

from model.ids import Ids
from runtime.errors import BadSettingsError
from trainer.arrays.scratch import Scratch
from trainer.reading.bulk import Batches, Question, read_queries
from trainer.reading.catalogue_columns import COLUMNS, columns_of
from trainer.reading.coding import IdColumn, integers_or_text
from trainer.reading.database import columns_given, connect, stream_rows
from trainer.reading.queries import selecting
from trainer.reading.spooling import BATCH_ROWS
from trainer.settings import TrainerSettings

_ASKING: Final = "the catalogue query"
_ID: Final = "product_id"
_PLACE: Final = "place"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CatalogueRows:
    """The products of a catalogue: row i of `columns` (those of COLUMNS, null where unknown) is of the id at i."""

    ids: Ids
    columns: pa.Table


def read_catalogue(settings: TrainerSettings, scratch: Scratch) -> CatalogueRows:
    """Read the rows that CATALOGUE_SQL gives; what cannot be used of them is left out and counted in the log.

    Of several rows of one product the first by name, category, price, availability and image URL counts, whatever the
    order of the database; unknown comes last. Raises BadSettingsError where the query is wrong, BadDataError where a
    column is of a type that cannot be used, TryAgainError where the database is not available.
    """
    engine = connect(settings.sqlalchemy_url())
    question = _question(engine, settings.catalogue_sql)
    engine.dispose()  # the connection that was asked is not to count beside the one that reads
    ids, batches, n_nameless, n_priceless = IdColumn(scratch), [], 0, 0
    for batch in _batches(engine, question, scratch):
        named = batch.filter(pc.is_valid(batch.column(_ID)))
        columns = columns_of(named, _ASKING)
        ids.add(integers_or_text(named.column(_ID), _ID, _ASKING))
        batches.append(columns)
        n_nameless += len(batch) - len(named)
        n_priceless += _n_wrong_prices(named, columns)
    engine.dispose()
    _warn(n_nameless, "Skipped %s rows of the catalogue without a product_id")
    _warn(n_priceless, "%s rows of the catalogue have a price that is no number of at least 0: it counts as unknown")
    return _each_once(*ids.finish(), pa.Table.from_batches(batches, COLUMNS))


def _question(engine: Engine, sql: str) -> Question:
    found = columns_given(engine, sql, _ASKING)
    if _ID not in found:
        raise BadSettingsError(f"{_ASKING} gives the columns {', '.join(found)}; it lacks {_ID}")
    names = (_ID, *(name for name in COLUMNS.names if name in found))
    return Question(selecting(sql, names), names, _ASKING)


def _batches(engine: Engine, question: Question, scratch: Scratch) -> Batches:
    """Read row by row where a column may be a mix of types, as prices of 5 and 4.5 are: ConnectorX refuses that."""
    if engine.dialect.name == "sqlite":
        return _row_batches(engine, question)
    return next(iter(read_queries(engine, [question], 1, scratch)))


def _row_batches(engine: Engine, question: Question) -> Iterator[pa.RecordBatch]:
    for rows in stream_rows(engine, question.sql, BATCH_ROWS, question.asking):
        arrays = [_array(values) for values in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, names=list(question.columns))


def _array(values: tuple[object, ...]) -> pa.Array:
    """Give a column, as text where its values are of several types."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])


def _n_wrong_prices(given: pa.RecordBatch, columns: pa.RecordBatch) -> int:
    if "price" not in given.schema.names:
        return 0
    return int(columns.column("price").null_count - given.column("price").null_count)


def _each_once(ids: Ids, places: NDArray[np.int32], columns: pa.Table) -> CatalogueRows:
    """Put rows into the order of their ids, `places` being each row's position there, and keep one for each."""
    rows = columns.append_column(_PLACE, pa.array(places))
    n_surplus = len(rows) - len(ids)
    keys = [_PLACE, *COLUMNS.names] if n_surplus else [_PLACE]
    in_order = rows.take(pc.sort_indices(rows, [(key, "ascending") for key in keys]))  # nulls come last
    is_first = np.diff(in_order.column(_PLACE).to_numpy(), prepend=-1) > 0
    _warn(n_surplus, "Skipped %s rows of the catalogue whose product has one already")
    return CatalogueRows(ids, in_order.filter(pa.array(is_first)).select(COLUMNS.names))


def _warn(n_rows: int, line: str) -> None:
    if n_rows:
        log.warning(line, f"{n_rows:,}", extra={"rows": n_rows})
