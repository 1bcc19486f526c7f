"""Damage to a model file that knows its format: headers that lie, and arrays that hold what no trainer writes."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from tests.faults.mutations import Given, Mutation
from tests.faults.mutations_json import DEPTHS, OTHER_TYPES, places

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
_FORMAT: Final = {"format": "recommender-model/1"}
_DTYPES: Final = (
    "BOOL",
    "U8",
    "I8",
    "F8_E4M3",
    "I16",
    "F16",
    "BF16",
    "I32",
    "F32",
    "F64",
    "I64",
    "U64",
    "C64",
    "X9",
    "",
)
_ABSURD: Final[tuple[object, ...]] = (
    0,
    1,
    -1,
    2**31,
    2**32,
    2**53,
    2**62,
    2**63 - 1,
    2**63,
    2**64 - 1,
    2**64,
    2**200,
    1.5,
    "1",
    None,
    [],
)
_LENGTHS: Final = (0, 1, 2, 7, 100_000_000, 100_000_001, 2**31, 2**32, 2**62, 2**63, 2**64 - 1)
_INTEGERS: Final = (-(2**63), -(2**31), -1, 0, 1, 2**31 - 1, 2**31, 2**62, 2**63 - 1)
_FINITE: Final = (3.4e38, -3.4e38, 1e-45, -0.0, 0.0, 1e20, -1e20, 9e14, -9e14, 1e-20)
_FLOATS: Final = (np.nan, np.inf, -np.inf, *_FINITE)


def header_of(body: bytes) -> tuple[Header, bytes]:
    """Take a file apart: its header, and the bytes behind it."""
    end = 8 + int.from_bytes(body[:8], "little")
    return json.loads(body[8:end]), body[end:]


def file_of(header: str, data: bytes, length: int | None = None) -> bytes:
    """Put a file together, of which the first eight bytes may claim another length of the header."""
    encoded = header.encode(errors="surrogatepass")
    return (len(encoded) if length is None else length).to_bytes(8, "little") + encoded + data


def _on_header(edit: Callable[[random.Random, Header, list[str]], object]) -> Mutation:
    def mutate(rng: random.Random, given: Given) -> bytes:
        header, data = header_of(given.body)
        edit(rng, header, [name for name in header if name != "__metadata__"])
        return file_of(json.dumps(header), data)

    return mutate


def _shape(rng: random.Random, header: Header, names: list[str]) -> None:
    header[rng.choice(names)]["shape"] = rng.choice(
        ([rng.choice(_ABSURD)], [], [1, rng.choice(_ABSURD)], [rng.choice(_ABSURD)] * 3, [2**32, 2**32], [2, 2**63])
    )


def _offsets(rng: random.Random, header: Header, names: list[str]) -> None:
    entry = header[rng.choice(names)]
    start, end = entry["data_offsets"]
    entry["data_offsets"] = rng.choice(
        (
            [rng.choice(_ABSURD), end],
            [start, rng.choice(_ABSURD)],
            [end, start],
            [start + rng.choice((-8, -1, 1, 8)), end + rng.choice((-8, 0, 8))],
            header[rng.choice(names)]["data_offsets"],
            [start],
            [start, end, end],
        )
    )


def _gap(rng: random.Random, header: Header, names: list[str]) -> None:
    """Move an array and all behind it."""
    by, start = rng.choice((1, 8, 4096, 2**40)), header[rng.choice(names)]["data_offsets"][0]
    for name in names:
        if header[name]["data_offsets"][0] >= start:
            header[name]["data_offsets"] = [offset + by for offset in header[name]["data_offsets"]]


def _dtype(rng: random.Random, header: Header, names: list[str]) -> None:
    header[rng.choice(names)]["dtype"] = rng.choice(_DTYPES)


def _dtype_of_the_same_size(rng: random.Random, header: Header, names: list[str]) -> None:
    twins = {"I32": "F32", "F32": "I32", "I64": "F64", "U8": "I8"}
    entry = header[rng.choice(names)]
    entry["dtype"] = twins[entry["dtype"]]


def _reshape(rng: random.Random, header: Header, names: list[str]) -> None:
    """Claim other dimensions, or another type and length, for as many bytes."""
    entry = header[rng.choice(names)]
    n = entry["shape"][0]
    entry["shape"] = rng.choice(([n, 1], [1, n], [1] * 40 + [n], [n // 2, 2]))
    if entry["dtype"] == "I64" and rng.random() < 0.5:
        entry.update(dtype="I32", shape=[2 * n])


def _names(rng: random.Random, header: Header, names: list[str]) -> None:
    first, second = rng.sample(names, 2)
    edit = rng.choice(("exchange", "drop", "rename", "add"))
    if edit == "exchange":
        header[first], header[second] = header[second], header[first]
    elif edit == "rename":
        header[rng.choice(("", "neighbours", "__metadata", first.upper()))] = header.pop(first)
    elif edit == "add":
        header["extra"] = header[first]
    else:
        del header[first]


def _types(rng: random.Random, header: Header, _names: list[str]) -> None:
    container, key = rng.choice(places(header))
    container[key] = rng.choice(OTHER_TYPES)


def _length(rng: random.Random, given: Given) -> bytes:
    header, data = header_of(given.body)
    text = json.dumps(header)
    near = len(text) + rng.choice((-8, -1, 1, 8, len(data), len(data) + 1))
    return file_of(text, data, rng.choice((near, rng.choice(_LENGTHS))))


def _header_text(rng: random.Random, given: Given) -> bytes:
    """Write a header that is unusual as JSON: deep, with a key twice, with room in it, or none at all."""
    header, data = header_of(given.body)
    text, depth = json.dumps(header), rng.choice(DEPTHS)
    inner = f'"{rng.choice(sorted(header))}": {{"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}'
    choices = (
        text[:-1] + f', "deep": {"[" * depth}{"]" * depth}}}',
        text[:-1] + f", {inner}}}",
        text + " " * rng.choice((1, 7, 8, 10_000)),
        " " + text,
        "\ufeff" + text,
        text.replace('"format"', '"\\ud800"'),
        text.replace("recommender-model/1", "recommender-model/2"),
        text[:-1] + ', "__metadata__": {"format": "recommender-model/1"}}',
        rng.choice(("", "null", "[]", "{}", "1", "{" * 1000)),
    )
    return file_of(rng.choice(choices), data)


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


MODEL_FORMAT: Final[Mapping[str, Mutation]] = {
    "shape absurd": _on_header(_shape),
    "offsets absurd": _on_header(_offsets),
    "gap": _on_header(_gap),
    "type of an array": _on_header(_dtype),
    "type of the same size": _on_header(_dtype_of_the_same_size),
    "dimensions": _on_header(_reshape),
    "names of arrays": _on_header(_names),
    "header of other types": _on_header(_types),
    "length of the header": _length,
    "header as text": _header_text,
    "elements": _on_arrays(_elements),
    "numbers beyond reason": _on_arrays(_numbers),
    "bit of a score": _on_arrays(_score_bit),
    "bit of an index": _on_arrays(_index_bit),
    "order of elements": _on_arrays(_order),
    "sizes of arrays": _on_arrays(_sizes),
    "arrays of other types": _on_arrays(_types_of_arrays),
    "another catalogue": _on_arrays(_catalogue),
}
