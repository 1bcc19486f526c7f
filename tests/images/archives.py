"""Reading a docker-archive: an image's configuration, its layers, and the files in them."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.images.errors import ImagesError


@dataclass(frozen=True)
class Archive:
    """An opened docker-archive of one image, its layers from the lowest."""

    files: tarfile.TarFile
    layers: tuple[str, ...]
    config: dict[str, Any]

    @classmethod
    @contextmanager
    def opened(cls, file: Path) -> Iterator[Self]:
        """Raises ImagesError where there is no such archive."""
        if not file.exists():
            raise ImagesError(f"{file} is not there", hint="make images")
        with tarfile.open(file) as files:
            (image,) = json.loads(_content(files, "manifest.json"))
            yield cls(files, tuple(image["Layers"]), json.loads(_content(files, image["Config"])))

    def layer_bytes(self, layer: str) -> int:
        """Give the size of a layer as it is unpacked from, without compression."""
        return self.files.getmember(layer).size

    def members(self, layer: str) -> Iterator[tarfile.TarInfo]:
        """Give what a layer adds."""
        with tarfile.open(fileobj=self.files.extractfile(layer)) as content:
            yield from content


def _content(files: tarfile.TarFile, name: str) -> bytes:
    file = files.extractfile(name)
    return file.read() if file else b""
