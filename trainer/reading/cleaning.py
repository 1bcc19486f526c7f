"""From a query's rows to events: what cannot be used is left out and counted, times are seconds, and rows weighed."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runtime.errors import BadDataError
from trainer.reading.bulk import Batches, Question
from trainer.reading.coding import integers_or_text
from trainer.reading.queries import QUANTITY_COLUMN, EventQuery
from trainer.reading.weighing import quantities, row_weights

# A shop's clock may be in any time zone, so an event is in the future only where no zone explains it.
_CLOCK_TOLERANCE_SECONDS: Final = 86_400
# Of nulls: with pa.array pyarrow would import pandas, 33 MB, before a run has looked whether it fits.
_NO_EVENTS: Final = pa.RecordBatch.from_pydict(
    {
        "user_id": pa.nulls(0, pa.int64()),
        "product_id": pa.nulls(0, pa.int64()),
        "occurred_at": pa.nulls(0, pa.uint32()),
        "weight": pa.nulls(0, pa.float32()),
    }
)


@dataclass(frozen=True)
class Cleaning:
    """Makes events of the rows of a query; those later than `latest`, in seconds since 1970 UTC, are in the future."""

    query: EventQuery
    latest: int

    @classmethod
    def now(cls, query: EventQuery) -> Self:
        """Take the moment of the call for the present."""
        return cls(query, int(time.time()) + _CLOCK_TOLERANCE_SECONDS)

    def events(self, rows: pa.RecordBatch, skipped: Counter[str]) -> pa.RecordBatch:
        """Give user_id and product_id (int64 or string), occurred_at uint32 and weight float32 of what can be used.

        Counts in `skipped`, by reason, the rows that are left out. Raises BadDataError where a column is of a type that
        cannot be used, or a weight or a quantity beyond any sense.
        """
        asking = f"the {self.query.kind} query"
        rows = _without(rows, pc.is_null(rows.column("user_id")), "without a user_id (guests?)", skipped)
        rows = _without(rows, pc.is_null(rows.column("product_id")), "without a product_id", skipped)
        rows = _with_epoch_seconds(rows, asking)
        unusable = pc.fill_null(pc.less(rows.column("occurred_at"), 0), fill_value=True)
        rows = _without(rows, unusable, "without a usable time", skipped)
        late = pc.greater(rows.column("occurred_at"), self.latest)
        rows = _without(rows, late, "that are dated in the future", skipped)
        if QUANTITY_COLUMN in rows.schema.names:
            rows = _without(rows, pa.array(quantities(rows, asking) <= 0), "of no quantity (returns?)", skipped)
        if not len(rows):
            return _NO_EVENTS
        columns = {
            **{name: integers_or_text(rows.column(name), name, asking) for name in ("user_id", "product_id")},
            "occurred_at": pa.array(rows.column("occurred_at").to_numpy().astype(np.uint32)),
            "weight": pa.array(row_weights(rows, self.query)),
        }
        return pa.RecordBatch.from_pydict(columns)


@dataclass(frozen=True)
class EventQuestion:
    """SQL, and what makes events of its rows."""

    question: Question
    cleaning: Cleaning


@dataclass(frozen=True)
class Cleaned:
    """A query's events, batch by batch, and behind the last one how many rows are left out, by reason."""

    batches: Batches
    skipped: Counter[str]

    @classmethod
    def of_rows(cls, batches: Batches, cleaning: Cleaning) -> Self:
        """Clean batches as they are taken."""
        skipped = Counter[str]()
        return cls((cleaning.events(rows, skipped) for rows in batches), skipped)


def _without(rows: pa.RecordBatch, bad: pa.Array, reason: str, skipped: Counter[str]) -> pa.RecordBatch:
    n_bad = pc.sum(bad).as_py()
    if not n_bad:
        return rows
    skipped[reason] += n_bad
    return rows.filter(pc.invert(bad))


def _with_epoch_seconds(rows: pa.RecordBatch, asking: str) -> pa.RecordBatch:
    position = rows.schema.get_field_index("occurred_at")
    return rows.set_column(position, "occurred_at", _epoch_seconds(rows.column(position), asking))


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
