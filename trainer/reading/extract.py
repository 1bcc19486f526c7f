"""The first step of a run: every event of every kind, out of the shop's database, as columns."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from runtime.errors import BadDataError
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.events import Events
from trainer.memory import return_memory_now
from trainer.reading.bulk import Batches, Question, read_queries
from trainer.reading.coding import IdColumn
from trainer.reading.database import check_columns, connect
from trainer.reading.queries import QUANTITY_COLUMN, EventQuery
from trainer.reading.weighing import quantities, row_weights
from trainer.settings import TrainerSettings

# A shop's clock may be in any time zone, so an event is in the future only where no zone explains it.
_CLOCK_TOLERANCE_SECONDS: Final = 86_400

log = logging.getLogger(__name__)

# What reads questions, over so many connections at most, as trainer.reading.bulk.read_queries does.
Read = Callable[[Engine, Sequence[Question], int, Scratch], Iterator[Batches]]


class _Columns:
    """What has been taken so far."""

    def __init__(self, scratch: Scratch) -> None:
        self.users, self.products = IdColumn(scratch), IdColumn(scratch)
        self.occurred_at, self.weight = scratch.column(np.uint32), scratch.column(np.float32)

    def __len__(self) -> int:
        return len(self.occurred_at)


def extract(settings: TrainerSettings, scratch: Scratch = IN_MEMORY, read: Read = read_queries) -> Events:
    """Read all events: kind by kind, whichever was read first, so that the same rows give the same columns.

    Raises BadSettingsError where the database or a query is wrong, BadDataError where the rows cannot be used or
    there are none, TryAgainError where the database is not available.
    """
    log.info("Connecting to database...")
    engine = connect(settings.sqlalchemy_url())
    queries = settings.event_queries()
    questions = [_question(engine, query) for query in queries]
    _check_quantity(settings, questions)
    engine.dispose()  # the connection that was asked is not to count beside those that read
    columns = _Columns(scratch)
    read_out = read(engine, questions, settings.db_connections, scratch)
    counts = [_take_kind(query, batches, columns) for query, batches in zip(queries, read_out, strict=True)]
    engine.dispose()
    return_memory_now()
    if not len(columns):
        raise BadDataError("no query gave an event that can be used", hint="Are the tables filled?")
    return _joined(queries, counts, columns, scratch)


def _question(engine: Engine, query: EventQuery) -> Question:
    names = check_columns(engine, query)
    return Question(query.selecting(names), names, f"the {query.kind} query")


def _check_quantity(settings: TrainerSettings, questions: list[Question]) -> None:
    if settings.quantity != "ignore" and not any(QUANTITY_COLUMN in question.columns for question in questions):
        log.warning(
            "QUANTITY=%s changes nothing: no query gives a column %s, which EVENTS may name with AS",
            settings.quantity,
            QUANTITY_COLUMN,
        )


def _take_kind(query: EventQuery, batches: Iterable[pa.RecordBatch], columns: _Columns) -> int:
    before = len(columns)
    skipped: dict[str, int] = {}
    for batch in batches:
        _take_batch(batch, query, columns, skipped)
    count = len(columns) - before
    log.info("Loaded %s %s records", f"{count:,}", query.kind, extra={"events": count})
    for reason, rows in skipped.items():
        log.warning("Skipped %s %s records %s", f"{rows:,}", query.kind, reason, extra={"skipped": rows})
    if query.required and not count:
        raise BadDataError(
            f"the {query.kind} query gave no event that can be used",
            hint="Is the table filled, and do its rows have user, product and time?",
        )
    return count


def _take_batch(batch: pa.RecordBatch, query: EventQuery, columns: _Columns, skipped: dict[str, int]) -> None:
    asking = f"the {query.kind} query"
    batch = _without(batch, pc.is_null(batch.column("user_id")), "without a user_id (guests?)", skipped)
    batch = _without(batch, pc.is_null(batch.column("product_id")), "without a product_id", skipped)
    batch = _with_epoch_seconds(batch, asking)
    seconds = batch.column("occurred_at")
    unusable = pc.fill_null(pc.less(seconds, 0), fill_value=True)
    batch = _without(batch, unusable, "without a usable time", skipped)
    late = pc.greater(batch.column("occurred_at"), int(time.time()) + _CLOCK_TOLERANCE_SECONDS)
    batch = _without(batch, late, "that are dated in the future", skipped)
    if QUANTITY_COLUMN in batch.schema.names:
        batch = _without(batch, pa.array(quantities(batch, asking) <= 0), "of no quantity (returns?)", skipped)
    if len(batch):
        columns.users.add(batch.column("user_id"), "user_id", asking)
        columns.products.add(batch.column("product_id"), "product_id", asking)
        columns.occurred_at.append(batch.column("occurred_at").to_numpy().astype(np.uint32))
        columns.weight.append(row_weights(batch, query))


def _without(batch: pa.RecordBatch, bad: pa.Array, reason: str, skipped: dict[str, int]) -> pa.RecordBatch:
    rows = pc.sum(bad).as_py()
    if not rows:
        return batch
    skipped[reason] = skipped.get(reason, 0) + rows
    return batch.filter(pc.invert(bad))


def _with_epoch_seconds(batch: pa.RecordBatch, asking: str) -> pa.RecordBatch:
    position = batch.schema.get_field_index("occurred_at")
    return batch.set_column(position, "occurred_at", _epoch_seconds(batch.column(position), asking))


def _epoch_seconds(times: pa.Array, asking: str) -> pa.Array:
    """Give times as int64 seconds since 1970 UTC, null where a text is no time; integers are seconds already."""
    if pa.types.is_integer(times.type) or pa.types.is_null(times.type):
        return times.cast(pa.int64())
    if pa.types.is_string(times.type) or pa.types.is_large_string(times.type):
        return pa.array([_parse_time(value) for value in times.to_pylist()], pa.int64())
    if pa.types.is_timestamp(times.type) or pa.types.is_date(times.type):
        return times.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    raise BadDataError(
        f"{asking}: the column occurred_at is of type {times.type}",
        hint="It must be a date, a datetime, or whole seconds since 1970 UTC",
    )


def _parse_time(value: str | None) -> int | None:
    try:
        parsed = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    if parsed is None:
        return None
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def _joined(queries: list[EventQuery], counts: list[int], columns: _Columns, scratch: Scratch) -> Events:
    users, user_idx = columns.users.finish()
    products, item_idx = columns.products.finish()
    kind = scratch.empty(sum(counts), np.uint8)
    for number, (first, last) in enumerate(pairwise([0, *accumulate(counts)])):
        kind[first:last] = number
    kinds = tuple(query.kind for query in queries)
    weight, occurred_at = columns.weight.finish(), columns.occurred_at.finish()
    return Events(users, products, kinds, user_idx, item_idx, weight, occurred_at, kind, scratch)
