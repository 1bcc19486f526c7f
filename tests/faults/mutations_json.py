"""Edits of JSON that keep it JSON, or nearly: other types, missing and added keys, numbers and depths beyond reason."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.faults.mutations import Given, Mutation

Edit = Callable[[random.Random, dict[str, Any]], object]
_DEEP_VALUE: Final = '"@deep@"'

OTHER_TYPES: Final[tuple[object, ...]] = (None, True, 0, -1, 1.5, "", "text", [], [[]], {}, {"a": 1}, [1, 2, 3])
HUGE: Final = (2**31, 2**63, 2**64, -(2**63), 10**300, 10**4000, 1e308, -1e308, 1e-320)
ODD_TEXTS: Final = ("\ud800", "\0", "../../etc/passwd", "a\nb", "\N{RIGHT-TO-LEFT OVERRIDE}", "x" * 100_000, "١٢٣", " ")
BARE: Final = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "1e", "tru", "'text'", "01", "+1")
DEPTHS: Final = (50, 150, 199, 201, 400, 900, 985, 995, 2_000, 100_000)


def edited(edit: Edit) -> Mutation:
    """Make a mutation of an edit of the object."""

    def mutate(rng: random.Random, given: Given) -> bytes:
        content = json.loads(given.body)
        edit(rng, content)
        return json.dumps(content, indent=2).encode()

    return mutate


def places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 (any JSON)
    """Give every (container, key) in a JSON value, from the outside in."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in items for found in ((value, key), *places(one))]


def put_somewhere(choices: tuple[Any, ...]) -> Edit:
    """Give an edit that puts one of these in the place of a value."""

    def edit(rng: random.Random, content: dict[str, Any]) -> None:
        container, key = rng.choice(places(content))
        container[key] = rng.choice(choices)

    return edit


def _drop(rng: random.Random, content: dict[str, Any]) -> None:
    container, key = rng.choice(places(content))
    del container[key]


def _add(rng: random.Random, content: dict[str, Any]) -> None:
    content[rng.choice(("", "note", "__class__", "model_fields", "schema", "digest2"))] = rng.choice(OTHER_TYPES)


def _rename(rng: random.Random, content: dict[str, Any]) -> None:
    container, key = rng.choice([place for place in places(content) if isinstance(place[0], dict)])
    container[key.swapcase() + "_"] = container.pop(key)


def _exchange(rng: random.Random, content: dict[str, Any]) -> None:
    """Exchange two values."""
    (one, first), (other, second) = rng.sample([(content, key) for key in content], 2)
    one[first], other[second] = other[second], one[first]


def _change_number(rng: random.Random, content: dict[str, Any]) -> None:
    numbers = [(container, key) for container, key in places(content) if type(container[key]) in {int, float}]
    if numbers:
        container, key = rng.choice(numbers)
        container[key] = rng.choice((container[key] + 1, -container[key], container[key] * 1e6, str(container[key])))


def with_bare_text(rng: random.Random, given: Given) -> bytes:
    """Put what is no JSON, or JSON of another kind, in the place of a value."""
    return _replaced(rng, given, rng.choice(BARE))


def with_depth(rng: random.Random, given: Given) -> bytes:
    """Put lists in lists, or objects in objects, in the place of a value."""
    depth = rng.choice(DEPTHS)
    opened, closed = rng.choice((("[", "]"), ('{"a":', "}")))
    return _replaced(rng, given, opened * depth + "1" + closed * depth)


def with_a_key_twice(rng: random.Random, given: Given) -> bytes:
    """Repeat a key with another value."""
    content = json.loads(given.body)
    key = rng.choice(sorted(content))
    again = json.dumps({key: rng.choice(OTHER_TYPES)})[1:-1]
    return given.body.rstrip()[:-1] + f", {again}}}".encode()


def _replaced(rng: random.Random, given: Given, text: str) -> bytes:
    content = json.loads(given.body)
    container, key = rng.choice(places(content))
    container[key] = json.loads(_DEEP_VALUE)
    return json.dumps(content).replace(_DEEP_VALUE, text).encode()


JSON: Final[Mapping[str, Mutation]] = {
    "value of another type": edited(put_somewhere(OTHER_TYPES)),
    "number beyond reason": edited(put_somewhere(HUGE)),
    "number changed": edited(_change_number),
    "odd text": edited(put_somewhere(ODD_TEXTS)),
    "key dropped": edited(_drop),
    "key added": edited(_add),
    "key renamed": edited(_rename),
    "values exchanged": edited(_exchange),
    "key twice": with_a_key_twice,
    "number that is none": with_bare_text,
    "nested deep": with_depth,
}
