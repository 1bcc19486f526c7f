"""What a mutation is: one object of a sound store, changed at random but the same for the same seed."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Target(StrEnum):
    """Which object of the store is changed."""

    MODEL = "model"
    MANIFEST = "manifest"
    POINTER = "pointer"
    CARD = "card"


@dataclass(frozen=True)
class Given:
    """What a mutation works on: the object's bytes, and those of the same object of another version."""

    body: bytes
    other: bytes


Mutation = Callable[[random.Random, Given], bytes | None]
"""Gives the changed bytes, None where the object is gone."""


def _some_bits(rng: random.Random, given: Given) -> bytes:
    body = bytearray(given.body)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return bytes(body)


def _bits_of_the_beginning(rng: random.Random, given: Given) -> bytes:
    body = bytearray(given.body)
    body[rng.randrange(min(len(body), 200))] ^= 1 << rng.randrange(8)
    return bytes(body)


def _cut(rng: random.Random, given: Given) -> bytes:
    return given.body[: rng.randrange(len(given.body))]


def _cut_at_the_front(rng: random.Random, given: Given) -> bytes:
    return given.body[rng.randrange(1, len(given.body)) :]


def _cut_out(rng: random.Random, given: Given) -> bytes:
    start, end = sorted(rng.sample(range(len(given.body)), 2))
    return given.body[:start] + given.body[end:]


def _appended(rng: random.Random, given: Given) -> bytes:
    return given.body + rng.randbytes(rng.choice((1, 2, 8, 4096)))


def _appended_zeros(rng: random.Random, given: Given) -> bytes:
    return given.body + bytes(rng.choice((1, 8, 4096)))


def _inserted(rng: random.Random, given: Given) -> bytes:
    at = rng.randrange(len(given.body))
    return given.body[:at] + rng.randbytes(rng.choice((1, 4, 8))) + given.body[at:]


def _zeroed(rng: random.Random, given: Given) -> bytes:
    start = rng.randrange(len(given.body))
    end = min(len(given.body), start + rng.choice((1, 8, 64, 4096)))
    return given.body[:start] + bytes(end - start) + given.body[end:]


def _overwritten(rng: random.Random, given: Given) -> bytes:
    start = rng.randrange(len(given.body))
    end = min(len(given.body), start + rng.choice((1, 8, 64)))
    return given.body[:start] + rng.randbytes(end - start) + given.body[end:]


def _exchanged(rng: random.Random, given: Given) -> bytes:
    """Exchange two stretches of one length."""
    length = rng.randrange(1, max(2, len(given.body) // 4))
    first = rng.randrange(len(given.body) - 2 * length + 1)
    second = rng.randrange(first + length, len(given.body) - length + 1)
    body = bytearray(given.body)
    body[first : first + length], body[second : second + length] = (
        given.body[second : second + length],
        given.body[first : first + length],
    )
    return bytes(body)


def _of_another_version(_rng: random.Random, given: Given) -> bytes:
    return given.other


def _half_of_another_version(rng: random.Random, given: Given) -> bytes:
    at = rng.randrange(min(len(given.body), len(given.other)))
    return given.body[:at] + given.other[at:]


def _twice(_rng: random.Random, given: Given) -> bytes:
    return given.body * 2


def _garbage(rng: random.Random, given: Given) -> bytes:
    return rng.randbytes(rng.randrange(len(given.body)))


def _empty(_rng: random.Random, _given: Given) -> bytes:
    return b""


def _gone(_rng: random.Random, _given: Given) -> None:
    return None


BYTES: Final[Mapping[str, Mutation]] = {
    "bits flipped": _some_bits,
    "bit of the beginning flipped": _bits_of_the_beginning,
    "end cut off": _cut,
    "beginning cut off": _cut_at_the_front,
    "middle cut out": _cut_out,
    "bytes appended": _appended,
    "zeros appended": _appended_zeros,
    "bytes inserted": _inserted,
    "range zeroed": _zeroed,
    "range overwritten": _overwritten,
    "ranges exchanged": _exchanged,
    "of another version": _of_another_version,
    "half of another version": _half_of_another_version,
    "written twice": _twice,
    "garbage": _garbage,
    "empty": _empty,
    "gone": _gone,
}
