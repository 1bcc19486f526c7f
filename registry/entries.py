"""The text of metrics.json: a JSON list, one entry a line, bounded in entries and in bytes.

An entry may hold what a newer program, or anybody, wrote there. It is carried along as it is while it is among the
newest and of an entry's size.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic_core import from_json, to_json

KEPT_ENTRIES: Final = 1000
# With the gate's table and the evaluation an entry has some 10 kB, without them less than one.
KEPT_WHOLE: Final = 100
LARGEST_ENTRY_BYTES: Final = 64 << 10
LARGEST_BYTES: Final = 4 << 20
_LARGEST_FIGURE_BYTES: Final = 2 << 10

Entry = Any


def parse(body: bytes) -> list[Entry] | None:
    """Give the entries, None where this is no JSON list."""
    try:
        content = from_json(body)
    except ValueError:
        return None
    return content if isinstance(content, list) else None


def render(entries: Sequence[Entry], figures: frozenset[str]) -> bytes:
    """Render entries, oldest first. Beyond the bounds old ones lose their details, and the oldest are left out.

    `figures` are the names of what an entry keeps for good.
    """
    newest_first = list(_bounded(entries[: -KEPT_ENTRIES - 1 : -1], figures))
    return b"[\n" + b",\n".join(reversed(newest_first)) + b"\n]\n"


def _bounded(newest_first: Sequence[Entry], figures: frozenset[str]) -> Iterator[bytes]:
    total = 0
    for age, entry in enumerate(newest_first):
        text = _text(entry)
        if age >= KEPT_WHOLE or len(text) > LARGEST_ENTRY_BYTES:
            if not isinstance(entry, dict):
                continue
            text = _text(_figures_of(entry, figures))
        total += len(text)
        if total > LARGEST_BYTES:
            return
        yield text


def _figures_of(entry: dict[str, Any], figures: frozenset[str]) -> dict[str, Any]:
    """Leave out details, what is not known, and what is too large to be a figure."""
    return {name: value for name, value in entry.items() if name in figures and _is_small(value)}


def _is_small(value: object) -> bool:
    return len(_text(value)) <= _LARGEST_FIGURE_BYTES


def _text(value: Entry) -> bytes:
    return to_json(value, inf_nan_mode="null")
