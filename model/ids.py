"""External ids: the shop's own, integers or strings, in order, and their positions (`*_idx`) in our arrays.

In JSON and URLs every id is a string; an integer id is its canonical decimal form, so "017" names nothing.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model.errors import DamagedModelError

Arrays = dict[str, NDArray[np.generic]]
_LONGEST_INTEGER: Final = 20


class Ids(Protocol):
    """An ordered set of external ids; the position of an id is its idx."""

    def __len__(self) -> int:
        """Give the number of ids."""

    def find(self, external_id: str) -> int | None:
        """Give the idx of an id, None where there is no such id."""

    def at(self, idx: int) -> str:
        """Give the id at an idx."""

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
        idx = int(np.searchsorted(self.values, wanted))
        return idx if idx < len(self.values) and self.values[idx] == wanted else None

    def at(self, idx: int) -> str:
        """Give the id at an idx, in decimal."""
        return str(self.values[idx])

    def arrays(self, name: str) -> Arrays:
        """Give the one array that holds these ids."""
        return {f"{name}.int64": self.values}


@dataclass(frozen=True)
class StringIds:
    """String ids in the order of their UTF-8 bytes: id i is `utf8[offsets[i]:offsets[i + 1]]`.

    `offsets` is int64 (n + 1,), `utf8` uint8 (total bytes,).
    """

    offsets: NDArray[np.int64]
    utf8: NDArray[np.uint8]

    @classmethod
    def of(cls, ids: list[str]) -> "StringIds":
        """Hold these ids, which are unique and in the order of their UTF-8 bytes."""
        encoded = [external_id.encode() for external_id in ids]
        offsets = np.zeros(len(ids) + 1, np.int64)
        np.cumsum([len(one) for one in encoded], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(encoded), np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

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

    def at(self, idx: int) -> str:
        """Give the id at an idx."""
        return self._bytes(idx).decode()

    def arrays(self, name: str) -> Arrays:
        """Give the two arrays that hold these ids."""
        return {f"{name}.offsets": self.offsets, f"{name}.utf8": self.utf8}

    def _bytes(self, idx: int) -> bytes:
        return self.utf8[self.offsets[idx] : self.offsets[idx + 1]].tobytes()


def ids_from_arrays(name: str, arrays: Arrays) -> Ids:
    """Take the ids called `name` out of a model file's arrays.

    Raises DamagedModelError where they are missing, out of order, or not text.
    """
    if f"{name}.int64" in arrays:
        values = arrays[f"{name}.int64"].astype(np.int64, copy=False)
        if np.any(values[1:] <= values[:-1]):
            raise DamagedModelError(f"{name}.int64 must rise from each id to the next")
        return IntegerIds(values)
    return _string_ids(name, arrays)


def _string_ids(name: str, arrays: Arrays) -> StringIds:
    try:
        offsets, utf8 = arrays[f"{name}.offsets"], arrays[f"{name}.utf8"]
    except KeyError as missing:
        raise DamagedModelError(f"{missing} is missing") from None
    if offsets.dtype != np.int64 or utf8.dtype != np.uint8:
        raise DamagedModelError(f"{name} must be int64 offsets into uint8 bytes")
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(utf8) or np.any(np.diff(offsets) < 0):
        raise DamagedModelError(f"{name}.offsets do not cut up {name}.utf8")
    ids = StringIds(offsets.astype(np.int64, copy=False), utf8.astype(np.uint8, copy=False))
    try:
        utf8.tobytes().decode()
    except UnicodeDecodeError:
        raise DamagedModelError(f"{name}.utf8 is not UTF-8") from None
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
