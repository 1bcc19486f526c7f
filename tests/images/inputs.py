"""What an image is built of, as one hash: where it is the same, the image is not built again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tests.images.recipes import Recipe


def inputs_digest(recipe: Recipe, base: str) -> str:
    """Give the hash of all that goes into an image: its base's key, its Dockerfile, and each file that is copied."""
    digest = hashlib.sha256(f"{recipe.full_name}\n{base}\n".encode())
    ignore = recipe.context / ".dockerignore"
    for file in [recipe.dockerfile, *([ignore] if ignore.exists() else []), *_files(recipe)]:
        relative = file.relative_to(recipe.context) if file.is_relative_to(recipe.context) else Path(file.name)
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{relative} {file.stat().st_mode:o} {content}\n".encode())
    return digest.hexdigest()


def _files(recipe: Recipe) -> Iterator[Path]:
    for source in recipe.sources():
        if source.is_dir():
            yield from (path for path in sorted(source.rglob("*")) if path.is_file() and not _is_ignored(path))
        else:
            yield source


def _is_ignored(path: Path) -> bool:
    """Tell what .dockerignore keeps away from the builder, as far as it lies in folders that are copied."""
    return "__pycache__" in path.parts or path.suffix == ".pyc" or path.name.startswith(".env")
