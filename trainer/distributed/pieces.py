"""Events as they are staged: many batches in a piece, whose ids are coded.

Integers take four bytes where these are enough, and text is named once a piece. Which number an id has among all ids
is known when all pieces are there.
"""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Final

import pyarrow as pa

from trainer.reading.bulk import Batches

# Of 65,536 rows each: what a worker holds of a query, and far below what a store takes in one request.
PIECE_BATCHES: Final = 16
_IDS: Final = ("user_id", "product_id")


def pieces_of(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Put batches of one schema together, so many at most, and code their ids."""
    filled = (batch for batch in batches if len(batch))
    for _, alike in groupby(filled, lambda batch: batch.schema):
        while some := list(islice(alike, PIECE_BATCHES)):
            yield _coded(pa.Table.from_batches(some))


def _coded(events: pa.Table) -> pa.RecordBatch:
    for name in _IDS:
        column = events.column(name)
        events = events.set_column(events.schema.get_field_index(name), name, _coded_ids(column))
    (piece,) = events.combine_chunks().to_batches()
    return piece


def _coded_ids(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_integer(ids.type):
        return ids.dictionary_encode()
    try:
        return ids.cast(pa.int32())
    except pa.ArrowInvalid:
        return ids
