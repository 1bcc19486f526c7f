"""Figures as Markdown."""

from collections.abc import Iterable


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Give a table, whose first column is of names and whose others are of numbers."""
    rule = ("---", *("---:" for _ in header[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def megabytes(size: int) -> str:
    """Give a number of bytes in MB, without the unit."""
    return f"{size / 1e6:.1f}"
