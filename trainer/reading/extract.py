"""The first step of a run: every event of every kind, out of the shop's database, as columns."""

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine

from runtime.errors import BadDataError
from trainer.arrays.scratch import IN_MEMORY, Scratch
from trainer.events import Events
from trainer.memory import return_memory_now
from trainer.reading.bulk import Question, read_queries
from trainer.reading.cleaning import Cleaned, Cleaning, EventQuestion
from trainer.reading.coding import IdColumn
from trainer.reading.database import check_columns, connect
from trainer.reading.queries import QUANTITY_COLUMN, EventQuery
from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)

# What reads questions, over so many connections at most, and gives the events of each in turn, as read_events does.
Read = Callable[[Engine, Sequence[EventQuestion], int, Scratch], Iterator[Cleaned]]


def read_events(
    engine: Engine, questions: Sequence[EventQuestion], connections: int, scratch: Scratch
) -> Iterator[Cleaned]:
    """Read questions in this process (trainer.reading.bulk), and clean their rows as they are taken."""
    read_out = read_queries(engine, [one.question for one in questions], connections, scratch)
    for one, batches in zip(questions, read_out, strict=True):
        yield Cleaned.of_rows(batches, one.cleaning)


class _Columns:
    """What has been taken so far."""

    def __init__(self, scratch: Scratch) -> None:
        self.users, self.products = IdColumn(scratch), IdColumn(scratch)
        self.occurred_at, self.weight = scratch.column(np.uint32), scratch.column(np.float32)

    def __len__(self) -> int:
        return len(self.occurred_at)

    def add(self, events: pa.RecordBatch) -> None:
        """Take a batch of events."""
        self.users.add(events.column("user_id"))
        self.products.add(events.column("product_id"))
        self.occurred_at.append(events.column("occurred_at").to_numpy())
        self.weight.append(events.column("weight").to_numpy())


def extract(settings: TrainerSettings, scratch: Scratch = IN_MEMORY, read: Read = read_events) -> Events:
    """Read all events: kind by kind, whichever was read first, so that the same rows give the same columns.

    Raises BadSettingsError where the database or a query is wrong, BadDataError where the rows cannot be used or
    there are none, TryAgainError where the database is not available.
    """
    log.info("Connecting to database...")
    engine = connect(settings.sqlalchemy_url())
    queries = settings.event_queries()
    questions = [EventQuestion(_question(engine, query), Cleaning.now(query)) for query in queries]
    _check_quantity(settings, questions)
    engine.dispose()  # the connection that was asked is not to count beside those that read
    columns = _Columns(scratch)
    read_out = read(engine, questions, settings.db_connections, scratch)
    counts = [_take_kind(query, events, columns) for query, events in zip(queries, read_out, strict=True)]
    engine.dispose()
    return_memory_now()
    if not len(columns):
        raise BadDataError("no query gave an event that can be used", hint="Are the tables filled?")
    return _joined(queries, counts, columns, scratch)


def _question(engine: Engine, query: EventQuery) -> Question:
    names = check_columns(engine, query)
    return Question(query.selecting(names), names, f"the {query.kind} query")


def _check_quantity(settings: TrainerSettings, questions: list[EventQuestion]) -> None:
    if settings.quantity != "ignore" and not any(QUANTITY_COLUMN in one.question.columns for one in questions):
        log.warning(
            "QUANTITY=%s changes nothing: no query gives a column %s, which EVENTS may name with AS",
            settings.quantity,
            QUANTITY_COLUMN,
        )


def _take_kind(query: EventQuery, events: Cleaned, columns: _Columns) -> int:
    before = len(columns)
    for batch in events.batches:
        columns.add(batch)
    count = len(columns) - before
    log.info("Loaded %s %s records", f"{count:,}", query.kind, extra={"events": count})
    for reason, rows in events.skipped.items():
        log.warning("Skipped %s %s records %s", f"{rows:,}", query.kind, reason, extra={"skipped": rows})
    if query.required and not count:
        raise BadDataError(
            f"the {query.kind} query gave no event that can be used",
            hint="Is the table filled, and do its rows have user, product and time?",
        )
    return count


def _joined(queries: list[EventQuery], counts: list[int], columns: _Columns, scratch: Scratch) -> Events:
    users, user_idx = columns.users.finish()
    products, item_idx = columns.products.finish()
    kind = scratch.empty(sum(counts), np.uint8)
    for number, (first, last) in enumerate(pairwise([0, *accumulate(counts)])):
        kind[first:last] = number
    kinds = tuple(query.kind for query in queries)
    weight, occurred_at = columns.weight.finish(), columns.occurred_at.finish()
    return Events(users, products, kinds, user_idx, item_idx, weight, occurred_at, kind, scratch)
