"""Coding ids as positions while they stream in, so that no id is held once an event.

Each batch is coded against its own small dictionary. At the end the dictionaries are joined into one ordered set of
ids, and the codes are translated: one look-up an event.
"""

import bisect
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.ids import Ids, IntegerIds, StringIds
from runtime.errors import BadDataError
from trainer.growing import GrowingColumn

_INT64_MAX: Final = 2**63 - 1


class IdColumn:
    """The ids of one column (users, or products) of all queries, in the order of the events."""

    def __init__(self) -> None:
        self._codes = GrowingColumn(np.int32)
        self._dictionaries: list[pa.Array] = []
        self._ends: list[int] = []

    def add(self, ids: pa.Array, name: str, asking: str) -> None:
        """Code one batch of ids without nulls. Raises BadDataError where they are neither integers nor text."""
        encoded = _integers_or_text(ids, name, asking).dictionary_encode()
        self._codes.append(encoded.indices.to_numpy())
        self._dictionaries.append(encoded.dictionary)
        self._ends.append(len(self._codes))

    def truncate(self, length: int) -> None:
        """Forget all batches after the first `length` events."""
        kept = bisect.bisect_right(self._ends, length)
        del self._dictionaries[kept:], self._ends[kept:]
        self._codes.truncate(length)

    def finish(self) -> tuple[Ids, NDArray[np.int32]]:
        """Give the ids in order and each event's position in them, int32 (n_events,). Empties the column."""
        union = _union(self._dictionaries)
        translation, idx, first = _positions(self._dictionaries, union), self._codes.finish(), 0
        for begin, end, dictionary in zip([0, *self._ends], self._ends, self._dictionaries, strict=False):
            idx[begin:end] = translation[first:][idx[begin:end]]
            first += len(dictionary)
        self._dictionaries.clear()
        return _ids(union), idx


def _integers_or_text(ids: pa.Array, name: str, asking: str) -> pa.Array:
    if pa.types.is_uint64(ids.type) and len(ids) and pc.max(ids).as_py() > _INT64_MAX:
        return ids.cast(pa.string())
    if pa.types.is_integer(ids.type) or pa.types.is_null(ids.type):
        return ids.cast(pa.int64())
    if pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type):
        return ids.cast(pa.string())
    raise BadDataError(
        f"{asking}: the column {name} is of type {ids.type}, an id must be an integer or text",
        hint=f"Cast {name} in the query, such as CAST({name} AS CHAR) or HEX({name})",
    )


def _union(dictionaries: list[pa.Array]) -> pa.Array:
    """Join dictionaries into one sorted set: integers where all are, text (in the order of its UTF-8) elsewhere."""
    kinds = {dictionary.type for dictionary in dictionaries if len(dictionary)}
    kind = pa.int64() if kinds <= {pa.int64()} else pa.string()
    unique = pc.unique(pa.chunked_array([dictionary.cast(kind) for dictionary in dictionaries], type=kind))
    return unique.take(pc.sort_indices(unique))


def _positions(dictionaries: list[pa.Array], union: pa.Array) -> NDArray[np.int32]:
    """Give the position in the union of each value of all dictionaries, in their order.

    They are asked for at once: each question makes a hash table of the whole union first.
    """
    if not dictionaries:
        return np.empty(0, np.int32)
    values = pa.chunked_array([dictionary.cast(union.type) for dictionary in dictionaries])
    positions: NDArray[np.int32] = pc.index_in(values, value_set=union).to_numpy()
    return positions


def _ids(union: pa.Array) -> Ids:
    if pa.types.is_integer(union.type):
        return IntegerIds(union.to_numpy())
    return StringIds.of(union.to_pylist())
