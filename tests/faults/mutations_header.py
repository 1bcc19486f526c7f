"""Damage to a model file that knows its format: headers that lie."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.faults.mutations import Given, Mutation
from tests.faults.mutations_json import DEPTHS, OTHER_TYPES, places

Header = dict[str, Any]
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


HEADER: Final[Mapping[str, Mutation]] = {
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
}
