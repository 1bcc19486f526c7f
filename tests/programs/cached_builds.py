"""What takes long to make is made once on a machine, and kept in the user's cache by the hash of what it is made of."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def cached_build(name: str, made_of: bytes) -> Path:
    """Give the place in the cache, whether there is anything or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "recommender-tests" / f"{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"


def build_whole(target: Path, build: Callable[[Path], None]) -> None:
    """Build in a folder beside the target and move it there whole, so that nobody ever uses half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target.parent) as folder:
        built = Path(folder) / "built"
        built.mkdir()
        build(built)
        try:
            built.rename(target)
        except OSError:
            if not target.is_dir():  # where it is there now, another process built the same meanwhile
                raise
