"""Commands of tests/ tell what they do while they do it, also where their output is a pipe."""

import sys


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
