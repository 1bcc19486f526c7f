"""The columns of a catalogue, whatever types the shop's database gives them: null where nothing usable is said."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from model.file_arrays import LARGEST_NUMBER
from runtime.errors import BadDataError

_TEXT: Final = pa.large_string()
COLUMNS: Final = pa.schema(
    {"name": _TEXT, "category": _TEXT, "price": pa.float32(), "available": pa.uint8(), "image_url": _TEXT}
)
_NUMBER: Final = r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_YES, _NO = ("1", "true"), ("0", "false")


def columns_of(batch: pa.RecordBatch, asking: str) -> pa.RecordBatch:
    """Give the columns of COLUMNS for each row, all null where the query does not give one.

    An empty text says nothing, and neither does a price that is no number from 0 to LARGEST_NUMBER. Raises
    BadDataError where a column is of a type that cannot say what it should.
    """
    arrays = [_column(batch, name, asking) for name in COLUMNS.names]
    return pa.RecordBatch.from_arrays(arrays, schema=COLUMNS)


def _column(batch: pa.RecordBatch, name: str, asking: str) -> pa.Array:
    wanted = COLUMNS.field(name).type
    if name not in batch.schema.names:
        return pa.nulls(len(batch), wanted)
    column = batch.column(name)
    if column.null_count == len(column):  # of any type: MySQL's NULL is binary
        return pa.nulls(len(batch), wanted)
    read, may_be = _READINGS[wanted]
    found = read(column)
    if found is None:
        raise BadDataError(
            f"{asking}: the column {name} is of type {column.type}, it must be {may_be}",
            hint=f"Cast {name} in CATALOGUE_SQL, or leave it out",
        )
    return found


def _texts(column: pa.Array) -> pa.Array | None:
    if not (_is_text(column.type) or pa.types.is_integer(column.type)):
        return None
    texts = column.cast(_TEXT)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, _TEXT), texts)


def _prices(column: pa.Array) -> pa.Array | None:
    numbers = _numbers(column)
    if numbers is None:
        return None
    is_usable = pc.and_(pc.greater_equal(numbers, 0), pc.less_equal(numbers, LARGEST_NUMBER))
    return pc.if_else(is_usable, numbers, pa.scalar(None, pa.float64())).cast(pa.float32(), safe=False)


def _numbers(column: pa.Array) -> pa.Array | None:
    """Give numbers as float64, null for a text that is none; None where the column holds neither."""
    if _is_number(column.type):
        return column.cast(pa.float64())
    if not _is_text(column.type):
        return None
    texts = pc.utf8_trim_whitespace(column.cast(_TEXT))
    is_number = pc.match_substring_regex(texts, _NUMBER)
    return pc.if_else(is_number, texts, pa.scalar(None, _TEXT)).cast(pa.float64())


def _answers(column: pa.Array) -> pa.Array | None:
    """Give 1 for yes and 0 for no; a number, such as a stock, is a yes above 0."""
    if pa.types.is_boolean(column.type):
        return column.cast(pa.uint8())
    if _is_number(column.type):
        return pc.greater(column.cast(pa.float64()), 0).cast(pa.uint8())
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):  # MySQL's BIT
        return pa.array([None if bits is None else any(bits) for bits in column.to_pylist()]).cast(pa.uint8())
    return _spelled_answers(column) if _is_text(column.type) else None


def _spelled_answers(column: pa.Array) -> pa.Array | None:
    words = pc.utf8_lower(column)
    is_yes, is_no = (pc.is_in(words, value_set=pa.array(spelled, column.type)) for spelled in (_YES, _NO))
    is_neither = pc.invert(pc.or_(pc.or_(is_yes, is_no), pc.is_null(words)))
    if pc.any(is_neither).as_py():
        return None
    return pc.if_else(pc.is_null(words), pa.scalar(None, pa.bool_()), is_yes).cast(pa.uint8())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


_READINGS: Final[dict[pa.DataType, tuple[Callable[[pa.Array], pa.Array | None], str]]] = {
    _TEXT: (_texts, "text"),
    pa.float32(): (_prices, "a number"),
    pa.uint8(): (_answers, "0 or 1"),
}
