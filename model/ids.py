"""External ids: the shop's own, integers or strings, in order, and their positions (`*_idx`) in our arrays.

In JSON and URLs every id is a string; an integer id is its canonical decimal form, so "017" names nothing.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model.errors import DamagedModelError
from model.file_arrays import Arrays
from model.texts import Texts, texts_from_arrays

_LONGEST_INTEGER: Final = 20


class Ids(Protocol):
    """An ordered set of external ids; the position of an id is its idx."""

    def __len__(self) -> int:
        """Give the number of ids."""

    def find(self, external_id: str) -> int | None:
        """Give the idx of an id, None where there is no such id."""

    def at(self, idx: int) -> str:
        """Give the id at an idx."""

    def take(self, idx: NDArray[np.intp]) -> "Ids":
        """Give the ids at rising positions."""

    def arrays(self, name: str) -> Arrays:
        """Give the arrays that hold these ids in a model file, their names beginning with `name`."""


@dataclass(frozen=True)
class IntegerIds:
    """Integer ids: `values` is int64 (n,), ascending."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def find(self, external_id: str) -> int | None:
        """Give the idx of an id by binary search, None where there is no such id."""
        wanted = _canonical_integer(external_id)
        if wanted is None:
            return None
        idx = int(self.values.searchsorted(wanted))
        return idx if idx < len(self.values) and self.values[idx] == wanted else None

    def at(self, idx: int) -> str:
        """Give the id at an idx, in decimal."""
        return str(self.values[idx])

    def take(self, idx: NDArray[np.intp]) -> "IntegerIds":
        """Give the ids at rising positions."""
        return IntegerIds(self.values[idx])

    def arrays(self, name: str) -> Arrays:
        """Give the one array that holds these ids."""
        return {f"{name}.int64": self.values}


class StringIds(Texts):
    """String ids in the order of their UTF-8 bytes, each there once."""

    def find(self, external_id: str) -> int | None:
        """Give the idx of an id by binary search, None where there is no such id."""
        wanted = external_id.encode(errors="surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self._bytes(low) == wanted else None

    def take(self, idx: NDArray[np.intp]) -> "StringIds":
        """Give the ids at rising positions."""
        return StringIds.of([self.at(one) for one in idx.tolist()])

    def _bytes(self, idx: int) -> bytes:
        return self.utf8[self.offsets[idx] : self.offsets[idx + 1]].tobytes()


def ids_from_arrays(name: str, arrays: Arrays) -> Ids:
    """Take the ids called `name` out of a model file's arrays.

    Raises DamagedModelError where they are missing, out of order, or not text.
    """
    integers = arrays.get(f"{name}.int64")
    return string_ids_from_arrays(name, arrays) if integers is None else _integer_ids(f"{name}.int64", integers)


def _integer_ids(name: str, array: NDArray[np.generic]) -> IntegerIds:
    if array.dtype != np.int64:
        raise DamagedModelError(f"{name} is {array.dtype}, it must be int64")
    values = array.astype(np.int64, copy=False)
    if np.any(values[1:] <= values[:-1]):
        raise DamagedModelError(f"{name} must rise from each id to the next")
    return IntegerIds(values)


def string_ids_from_arrays(name: str, arrays: Arrays) -> StringIds:
    """Take ids that are text out of a model file's arrays.

    Raises DamagedModelError where they are missing, out of order, or not text.
    """
    texts = texts_from_arrays(name, arrays)
    ids, text, ends = StringIds(texts.offsets, texts.utf8), texts.utf8.tobytes(), texts.offsets.tolist()
    each = [text[start:end] for start, end in pairwise(ends)]
    if any(one >= following for one, following in pairwise(each)):
        raise DamagedModelError(f"{name} must rise from each id to the next")
    return ids


def _canonical_integer(text: str) -> int | None:
    if len(text) > _LONGEST_INTEGER or not text.isascii():
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    in_range = -(2**63) <= number < 2**63
    return number if in_range and str(number) == text else None
