"""What stands in the store's JSON may be of another program, or anybody's: reading it with care."""

import math


def number(value: object) -> float | None:
    """Give a finite number, None where this is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
