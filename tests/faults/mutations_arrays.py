"""Damage to a model file that its format allows: arrays that hold what no trainer writes."""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from tests.faults.mutations import Given, Mutation

Arrays = dict[str, NDArray[Any]]
_FORMAT: Final = {"format": "recommender-model/1"}
_INTEGERS: Final = (-(2**63), -(2**31), -1, 0, 1, 2**31 - 1, 2**31, 2**62, 2**63 - 1)
_FINITE: Final = (3.4e38, -3.4e38, 1e-45, -0.0, 0.0, 1e20, -1e20, 9e14, -9e14, 1e-20)
_FLOATS: Final = (np.nan, np.inf, -np.inf, *_FINITE)


def _on_arrays(edit: Callable[[random.Random, Arrays, list[str]], object]) -> Mutation:
    def mutate(rng: random.Random, given: Given) -> bytes:
        arrays = {name: array.copy() for name, array in load(given.body).items()}
        edit(rng, arrays, sorted(arrays))
        return save(arrays, metadata=_FORMAT)

    return mutate


def _elements(rng: random.Random, arrays: Arrays, names: list[str]) -> None:
    for name in rng.sample([name for name in names if len(arrays[name])], rng.choice((1, 1, 2, 3))):
        _set_elements(rng, arrays[name], rng.choice((1, 2, len(arrays[name]))))


def _numbers(rng: random.Random, arrays: Arrays, _names: list[str]) -> None:
    """Let scores, weights and popularities all go wild, within what float32 holds."""
    for name in ("neighbours.scores", "histories.weights", "popularity"):
        _set_elements(rng, arrays[name], rng.choice((1, 5, len(arrays[name]))), _FINITE)


def _set_elements(rng: random.Random, array: NDArray[Any], n: int, floats: tuple[float, ...] = _FLOATS) -> None:
    for _ in range(n):
        if array.dtype.kind == "f":
            array[rng.randrange(len(array))] = rng.choice(floats)
        else:
            array[rng.randrange(len(array))] = np.array(rng.choice(_INTEGERS), np.int64).astype(array.dtype)


def _score_bit(rng: random.Random, arrays: Arrays, _names: list[str]) -> None:
    """Flip one bit of a score, a weight or a popularity."""
    array = arrays[rng.choice(("neighbours.scores", "histories.weights", "popularity"))]
    array.view(np.uint32)[rng.randrange(len(array))] ^= np.uint32(1 << rng.randrange(32))


def _index_bit(rng: random.Random, arrays: Arrays, _names: list[str]) -> None:
    array = arrays[rng.choice(("neighbours.indices", "histories.indices"))]
    array.view(np.uint32)[rng.randrange(len(array))] ^= np.uint32(1 << rng.randrange(32))


def _order(rng: random.Random, arrays: Arrays, names: list[str]) -> None:
    array = arrays[rng.choice(names)]
    shuffled = np.random.default_rng(rng.randrange(2**32)).permutation(array)
    array[:] = rng.choice((shuffled, array[::-1].copy(), np.sort(array), np.roll(array, 1)))


def _sizes(rng: random.Random, arrays: Arrays, names: list[str]) -> None:
    name = rng.choice(names)
    array = arrays[name]
    arrays[name] = rng.choice((array[:-1], array[:0], array[1:], np.append(array, array[:1]), np.tile(array, 3)))


def _types_of_arrays(rng: random.Random, arrays: Arrays, names: list[str]) -> None:
    name = rng.choice(names)
    arrays[name] = arrays[name].astype(rng.choice((np.float64, np.float16, np.int16, np.uint64, np.bool_, np.int32)))


def _catalogue(rng: random.Random, arrays: Arrays, names: list[str]) -> None:
    """Give one part of the model to another catalogue: fewer or no products, or users."""
    keep = rng.choice((0, 1, 2))
    part = rng.choice(("product_ids", "user_ids", "neighbours", "histories"))
    for name in names:
        if name.startswith(part):
            arrays[name] = arrays[name][: keep + 1] if name.endswith(("indptr", "offsets")) else arrays[name][:keep]


ARRAYS: Final[Mapping[str, Mutation]] = {
    "elements": _on_arrays(_elements),
    "numbers beyond reason": _on_arrays(_numbers),
    "bit of a score": _on_arrays(_score_bit),
    "bit of an index": _on_arrays(_index_bit),
    "order of elements": _on_arrays(_order),
    "sizes of arrays": _on_arrays(_sizes),
    "arrays of other types": _on_arrays(_types_of_arrays),
    "another catalogue": _on_arrays(_catalogue),
}
