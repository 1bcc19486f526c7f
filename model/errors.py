"""Errors of the model itself."""

from runtime.errors import BadDataError


class DamagedModelError(BadDataError):
    """A model file or its description is not what a trainer wrote: cut short, altered, or of another format."""
