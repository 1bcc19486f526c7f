"""Coding ids as positions while they stream in, so that no id is held once an event.

Integers that lie near one another, as the keys of a table do, are held as int32 offsets from the first of them: at the
end one look-up table of their range numbers them, and nothing is hashed. All other ids are coded batch by batch, each
against its own small dictionary. Then the dictionaries are joined into one ordered set of ids, and the codes are
translated: one look-up an event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.ids import Ids, IntegerIds, StringIds
from runtime.errors import BadDataError
from trainer.arrays.scratch import IN_MEMORY, Scratch

_INT64_MAX: Final = 2**63 - 1
_OFFSETS: Final = range(-(2**31), 2**31)
# A look-up table may be as long as the codes are, and this long in any case.
_SHORT_TABLE: Final = 1 << 20
# So many codes are looked up at once: each takes eight bytes while it is.
_SLICE: Final = 1 << 17


@dataclass
class _Block:
    """The codes before `end` and after the block before; without a dictionary they are offsets."""

    end: int
    dictionary: pa.Array | None


class IdColumn:
    """The ids of one column (users, or products) of all queries, in the order of the events."""

    def __init__(self, scratch: Scratch = IN_MEMORY) -> None:
        self._codes = scratch.column(np.int32)
        self._blocks: list[_Block] = []
        self._origin: int | None = None

    def add(self, ids: pa.Array) -> None:
        """Code one batch of ids without nulls: signed integers, text, or coded ones, each with a dictionary of them."""
        if len(ids) == 0:
            return
        offsets = self._offsets(ids)
        if offsets is None:
            self._add_coded(ids)
        else:
            self._add_offsets(offsets)

    def finish(self) -> tuple[Ids, NDArray[np.int32]]:
        """Give the ids in order and each event's position in them, int32 (n_events,). Empties the column."""
        codes = self._codes.finish()
        blocks = list(self._code_blocks(codes))
        self._blocks.clear()
        union = _union([dictionary for _, dictionary in blocks])
        translation, first = _positions([dictionary for _, dictionary in blocks], union), 0
        for block, dictionary in blocks:
            _translate(block, translation[first : first + len(dictionary)])
            first += len(dictionary)
        return _ids(union), codes

    def _offsets(self, ids: pa.Array) -> NDArray[np.int32] | None:
        """Give integers as distances from the first one of all, None where they are text or too far from it."""
        if not pa.types.is_integer(ids.type):
            return None
        values: NDArray[np.signedinteger] = ids.to_numpy()
        low, high = int(values.min()), int(values.max())
        origin = low if self._origin is None else self._origin
        if low - origin not in _OFFSETS or high - origin not in _OFFSETS:
            return None
        self._origin = origin
        offsets: NDArray[np.int32] = np.subtract(values, origin, dtype=np.int64).astype(np.int32)
        return offsets

    def _add_offsets(self, offsets: NDArray[np.int32]) -> None:
        self._codes.append(offsets)
        if self._blocks and self._blocks[-1].dictionary is None:
            self._blocks[-1].end = len(self._codes)
        else:
            self._blocks.append(_Block(len(self._codes), None))

    def _add_coded(self, ids: pa.Array) -> None:
        encoded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
        dictionary = encoded.dictionary
        if encoded is ids:  # which may lie in a file that is to go
            dictionary = dictionary.copy_to(pa.default_cpu_memory_manager())
        self._codes.append(encoded.indices.to_numpy())
        self._blocks.append(_Block(len(self._codes), dictionary))

    def _code_blocks(self, codes: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.int32], pa.Array]]:
        """Give each block's codes, of which there are some, and the dictionary that they are positions in."""
        begin = 0
        for block in self._blocks:
            part = codes[begin : block.end]
            yield part, _code_offsets(part, self._origin or 0) if block.dictionary is None else block.dictionary
            begin = block.end


def _code_offsets(offsets: NDArray[np.int32], origin: int) -> pa.Array:
    """Turn offsets, in place, into positions in the dictionary that is given, int64."""
    low, high = int(offsets.min()), int(offsets.max())
    if high - low >= min(max(len(offsets), _SHORT_TABLE), _OFFSETS.stop):
        encoded = pa.array(offsets).dictionary_encode()
        offsets[:] = encoded.indices.to_numpy()
        return pc.add(encoded.dictionary.cast(pa.int64()), origin)
    offsets -= np.int32(low)
    positions = np.zeros(high - low + 1, np.int32)
    for part in _slices(offsets):
        positions[part] = 1
    present = np.flatnonzero(positions)
    positions[present] = np.arange(len(present), dtype=np.int32)
    _translate(offsets, positions)
    return pa.array(present + (low + origin))


def _translate(codes: NDArray[np.int32], positions: NDArray[np.int32]) -> None:
    for part in _slices(codes):
        part[:] = positions[part]


def _slices(codes: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    return (codes[start : start + _SLICE] for start in range(0, len(codes), _SLICE))


def integers_or_text(ids: pa.Array, name: str, asking: str) -> pa.Array:
    """Give ids as int64, or as text. Raises BadDataError where they are neither."""
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
    """Join dictionaries into one sorted set: integers where all are, text (in the order of its UTF-8) elsewhere.

    All text of a set may be more than the 2 GB that Arrow's plain strings take.
    """
    kinds = {dictionary.type for dictionary in dictionaries if len(dictionary)}
    kind = pa.int64() if kinds <= {pa.int64()} else pa.large_string()
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
