"""Builds images and saves them, where what they are made of has changed."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.images.buildah import Buildah
from tests.images.cache import archive_file
from tests.images.debian_base import base_image, base_key
from tests.images.inputs import inputs_digest
from tests.images.recipes import MINIO, Recipe


def build(recipe: Recipe, buildah: Buildah, say: Callable[[str], None]) -> Path:
    """Give the docker-archive of an image, made anew where anything that goes into it has changed."""
    recipe.prepare()
    archive, digest = archive_file(recipe.name), inputs_digest(recipe, base_key())
    if archive.exists() and _memory(archive).exists() and _memory(archive).read_text() == digest:
        say(f"{archive}: {recipe.full_name} is up to date")
        return archive
    started = time.monotonic()
    _memory(archive).unlink(missing_ok=True)
    base = None if recipe is MINIO else base_image(buildah)
    buildah.build(local_name(recipe), recipe.dockerfile, recipe.context, base)
    buildah.save(local_name(recipe), archive, recipe.full_name)
    _memory(archive).write_text(digest)
    say(f"{archive}: {recipe.full_name} in {time.monotonic() - started:.1f} s")
    return archive


def local_name(recipe: Recipe) -> str:
    """Give the image's name in buildah's storage."""
    return f"localhost/{recipe.name}:latest"


def _memory(archive: Path) -> Path:
    return archive.with_suffix(".inputs")
