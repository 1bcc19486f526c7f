"""What ends a command of this package."""

from runtime.errors import RecommenderError


class ImagesError(RecommenderError):
    """An image cannot be built or read; the message is the one line that its user gets."""
