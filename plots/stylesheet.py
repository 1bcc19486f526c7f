"""The colours of all pages, light and dark, and the looks of plots."""

from pathlib import Path


def stylesheet() -> str:
    """Give it as CSS, to stand before a page's own."""
    return (Path(__file__).parent / "plots.css").read_text()
