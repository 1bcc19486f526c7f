"""Where what is built stays."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Give this project's folder of the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "recommender-tests"


def archive_file(name: str) -> Path:
    """Give the place of an image's docker-archive, whether it is there or not."""
    return cache_folder() / "images" / f"{name}.tar"
