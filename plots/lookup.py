"""Finding a number in what older or other programs wrote, where any part may be missing."""

import math
from collections.abc import Mapping


def number_at(found: object, *names: str) -> float | None:
    """Give the finite number below these names, None where there is none."""
    for name in names:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


def text_at(found: object, name: str) -> str:
    """Give the text below a name, "" where there is none."""
    text = found.get(name) if isinstance(found, Mapping) else None
    return text if isinstance(text, str) else ""
