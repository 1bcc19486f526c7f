"""Builds the programs of a Go module once, and keeps them in the user's cache under the hash of what they are built of.

`python -m tests.programs.go_programs NAME...` builds some beforehand.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.parts.missing import PartMissingError, find_program

_MODULES: Final = Path(__file__).parent


def go_programs(name: str) -> Path:
    """Give the folder of the programs that the `tool` lines of NAME/go.mod list.

    The first call on a machine builds them, which takes minutes. Raises PartMissingError where that cannot be done.
    """
    cached = cached_folder(name)
    if not cached.is_dir():
        find_program("go", f"{name} is not built and Go is not installed (https://go.dev/dl)")
        _build(name, cached)
    return cached


def build_notice(name: str) -> str | None:
    """Give what to tell people before the first call, None where the programs are there."""
    if cached_folder(name).is_dir():
        return None
    return f"building {name} from its Go module, once on this machine: it takes minutes"


def cached_folder(name: str) -> Path:
    """Give the place in the cache, whether the programs are there or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    told = f"{_link_flags(name)}{_build_tags(name)}"
    pinned = hashlib.sha256((_MODULES / name / "go.sum").read_bytes() + told.encode())
    return cache / "recommender-tests" / f"{name}-{pinned.hexdigest()[:12]}"


def _link_flags(name: str) -> str:
    """Give what the linker is told: no symbols, and what NAME/link-flags adds, such as the version to answer with."""
    own = _MODULES / name / "link-flags"
    return f"-s -w {own.read_text().strip()}" if own.exists() else "-s -w"


def _build_tags(name: str) -> str:
    """Give what NAME/build-tags leaves out of the programs, or puts in."""
    own = _MODULES / name / "build-tags"
    return own.read_text().strip() if own.exists() else ""


def _build(name: str, target: Path) -> None:
    """Build beside the target and move there whole, so that nobody ever runs half a program."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target.parent) as folder:
        programs = Path(folder) / "programs"
        programs.mkdir()
        told = ["-trimpath", "-ldflags", _link_flags(name), "-tags", _build_tags(name)]
        command = ["nice", "go", "build", *told, "-o", f"{programs}/", "tool"]
        built = subprocess.run(
            command, cwd=_MODULES / name, env=_go_environment(), capture_output=True, text=True, check=False
        )
        if built.returncode:
            last_line = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PartMissingError(f"{name} cannot be built from its Go module: {last_line}")
        _move_whole(programs, target)


def _go_environment() -> Mapping[str, str]:
    return {**os.environ, "CGO_ENABLED": "0"}


def _move_whole(programs: Path, target: Path) -> None:
    try:
        programs.rename(target)
    except OSError:
        if not target.is_dir():  # where it is there now, another process built the same meanwhile
            raise


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        sys.stdout.write(f"{wanted}: {go_programs(wanted)}\n")
