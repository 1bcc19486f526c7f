"""Running the programs that make images."""

import subprocess
from collections.abc import Mapping
from typing import Final

from tests.images.errors import ImagesError
from tests.parts.missing import find_program

_PACKAGES: Final = ("buildah", "debootstrap", "runc", "tar")


def run(name: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Give what a program prints, at low priority. Raises ImagesError with its last line where it fails."""
    command = ["nice", found(name), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if ended.returncode:
        last_lines = " / ".join((ended.stderr.strip().splitlines() or ["no reason given"])[-3:])
        raise ImagesError(f"{name} {' '.join(arguments[:6])} failed: {last_lines}")
    return ended.stdout


def found(name: str) -> str:
    """Give a program's path. Raises PartMissingError where it cannot be had."""
    hint = "make cluster-parts" if name in _PACKAGES else f"install {name}"
    return find_program(name, f"{name} is not installed ({hint})")
