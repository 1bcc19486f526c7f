"""The words of plots: written in English, and put into another language by the page that wants it."""

from collections.abc import Callable

Translate = Callable[[str], str]


def english(text: str) -> str:
    """Give a text as it is written."""
    return text
