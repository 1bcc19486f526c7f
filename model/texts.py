"""Texts of any length one behind the other, so that reading them costs no copy and finding one takes no search."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from model.errors import DamagedModelError
from model.file_arrays import Arrays

# In UTF-8 a byte 10xxxxxx continues a character that began before it.
_LEADING_BITS: Final = 0b1100_0000
_CONTINUATION: Final = 0b1000_0000
# So much text is decoded at once to see whether it is any.
_DECODED_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Texts:
    """Text i is `utf8[offsets[i]:offsets[i + 1]]`: `offsets` int64 (n + 1,), `utf8` uint8 (total bytes,)."""

    offsets: NDArray[np.int64]
    utf8: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Hold these texts, in their order."""
        encoded = [text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(one) for one in encoded], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(encoded), np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def at(self, idx: int) -> str:
        """Give the text at an idx."""
        return self.utf8[self.offsets[idx] : self.offsets[idx + 1]].tobytes().decode()

    def arrays(self, name: str) -> Arrays:
        """Give the two arrays that hold these texts in a model file, their names beginning with `name`."""
        return {f"{name}.offsets": self.offsets, f"{name}.utf8": self.utf8}


def texts_from_arrays(name: str, arrays: Arrays) -> Texts:
    """Take the texts called `name` out of a model file's arrays.

    Raises DamagedModelError where they are missing, do not fill their bytes, or are not text.
    """
    try:
        offsets, utf8 = arrays[f"{name}.offsets"], arrays[f"{name}.utf8"]
    except KeyError as missing:
        raise DamagedModelError(f"{missing} is missing") from None
    if offsets.dtype != np.int64 or utf8.dtype != np.uint8:
        raise DamagedModelError(f"{name} must be int64 offsets into uint8 bytes")
    texts = Texts(offsets.astype(np.int64, copy=False), utf8.astype(np.uint8, copy=False))
    ends = texts.offsets
    if len(ends) == 0 or ends[0] != 0 or ends[-1] != len(utf8) or np.any(ends[1:] < ends[:-1]):
        raise DamagedModelError(f"{name}.offsets do not cut up {name}.utf8")
    _check_text(name, texts)
    return texts


def _check_text(name: str, texts: Texts) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(texts.utf8), _DECODED_BYTES):
            decoder.decode(texts.utf8[start : start + _DECODED_BYTES].tobytes())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise DamagedModelError(f"{name}.utf8 is not UTF-8") from None
    starts = texts.offsets[texts.offsets < len(texts.utf8)]
    if np.any(texts.utf8[starts] & _LEADING_BITS == _CONTINUATION):
        raise DamagedModelError(f"{name}.offsets cut a character in two")
