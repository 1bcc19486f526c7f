"""Building with buildah, as root and without a daemon."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.images.commands import run
from tests.images.errors import ImagesError
from tests.images.pip_settings import pip_mounts


class Buildah:
    """buildah's storage of images, on overlay file systems where the machine has them, else on copies."""

    @cached_property
    def _driver(self) -> str:
        if os.geteuid() != 0:
            raise ImagesError("Building images needs root: buildah mounts file systems", hint="Use sudo")
        try:
            run("buildah", "--storage-driver=overlay", "info")
        except ImagesError:
            return "vfs"
        return "overlay"

    def _run(self, *arguments: str) -> str:
        return run("buildah", f"--storage-driver={self._driver}", *arguments)

    def has(self, image: str) -> bool:
        return bool(self._run("images", "--quiet", "--filter", f"reference={image}").strip())

    def build(self, name: str, dockerfile: Path, context: Path, base: str | None = None) -> None:
        """Build an image; steps that were done before are taken from the storage."""
        arguments = [f"--build-arg=BASE_IMAGE={base}"] if base else []
        with pip_mounts() as mounts:
            arguments += [f"--volume={mount}" for mount in mounts]
            self._run(
                "bud",
                "--isolation=chroot",
                "--layers",
                *arguments,
                f"--tag={name}",
                f"--file={dockerfile}",
                str(context),
            )

    def save(self, image: str, archive: Path, full_name: str) -> None:
        """Write a docker-archive with an image under its full name; never half of one."""
        archive.parent.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)  # buildah adds to a file that is there
        self._run("push", "--disable-compression", image, f"docker-archive:{unfinished}:{full_name}")
        unfinished.replace(archive)

    def forget(self, image: str) -> None:
        """Take an image out of the storage."""
        self._run("rmi", image)

    def config(self, image: str) -> dict[str, Any]:
        """Give the image's configuration, as the OCI has it."""
        return dict(json.loads(self._run("inspect", "--type=image", image))["OCIv1"])

    @contextmanager
    def mounted(self, image: str) -> Iterator[Path]:
        """Give an image's files, mounted for as long as the context lasts."""
        container = self._run("from", "--pull-never", image).strip()
        try:
            yield Path(self._run("mount", container).strip())
        finally:
            self._run("rm", container)
