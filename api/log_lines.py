"""Log lines as JSON, quickly: a line a request is a good part of what a request costs."""

from collections.abc import Mapping

import orjson

from runtime.logs import as_json as as_json_of_any


def as_json(line: Mapping[str, object]) -> str:
    """Write a line's fields as JSON; what JSON has no word for becomes text."""
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:  # whole numbers beyond 64 bits, text that is no Unicode, keys that are no text
        return as_json_of_any(line)
