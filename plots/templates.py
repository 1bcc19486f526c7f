"""Jinja for a page: nothing that is not marked as safe is let through, and a name nobody gave is an error."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plots import wording


def environment_of(folder: Path, filters: Sequence[str]) -> Environment:
    """Give the environment of a folder's templates, which may use these of plots.wording's functions as filters."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(wording, name) for name in filters})
    return environment
