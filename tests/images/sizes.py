"""What an image weighs above its base, and what of that each dependency."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.images.archives import Archive
from tests.images.cache import archive_file
from tests.images.recipes import MINIO, Recipe

_MEGABYTE: Final = 1e6
_LEAST_SHOWN: Final = 1e6
_VENV: Final = "opt/venv/"


def own_bytes(recipe: Recipe) -> int:
    """Give the size of all layers above the base, without compression."""
    with Archive.opened(archive_file(recipe.name)) as archive:
        return sum(archive.layer_bytes(layer) for layer in _own_layers(recipe, archive))


def size_lines(recipe: Recipe) -> Iterator[str]:
    """Give a table: what of the image is whose, heaviest first, in megabytes of files."""
    bytes_by_owner: Counter[str] = Counter()
    with Archive.opened(archive_file(recipe.name)) as archive:
        for layer in _own_layers(recipe, archive):
            for member in archive.members(layer):
                bytes_by_owner[_owner(member.name)] += member.size
    yield f"{recipe.name}: {own_bytes(recipe) / _MEGABYTE:.0f} MB of layers above the base; its files, in MB:"
    small = 0
    for owner, size in bytes_by_owner.most_common():
        if size >= _LEAST_SHOWN:
            yield f"  {size / _MEGABYTE:7.1f}  {owner}"
        else:
            small += size
    yield f"  {small / _MEGABYTE:7.1f}  all that is below one"


def _own_layers(recipe: Recipe, archive: Archive) -> tuple[str, ...]:
    """Leave out the base, which debian_base makes as one layer; MinIO has none."""
    return archive.layers if recipe is MINIO else archive.layers[1:]


def _owner(path: str) -> str:
    """Give the dependency that a file belongs to, by the first part of its name in site-packages."""
    if path.startswith(_VENV):
        _, found, below = path.partition("/site-packages/")
        return _distribution(below.split("/")[0]) if found else "the virtual environment itself"
    return "/" + path.partition("/")[0]


def _distribution(first: str) -> str:
    return first.removesuffix(".dist-info").removesuffix(".libs").removesuffix(".py").split("-")[0].lower()
