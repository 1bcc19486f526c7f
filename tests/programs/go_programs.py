"""Builds the programs of a Go module once on a machine.

`python -m tests.programs.go_programs NAME...` builds some beforehand.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tests.parts.missing import PartMissingError, find_program
from tests.programs.cached_builds import build_whole, cached_build

_MODULES: Final = Path(__file__).parent


def go_programs(name: str) -> Path:
    """Give the folder of the programs that the `tool` lines of NAME/go.mod list.

    The first call on a machine builds them, which takes minutes. Raises PartMissingError where that cannot be done.
    """
    cached = cached_folder(name)
    if not cached.is_dir():
        find_program("go", f"{name} is not built and Go is not installed (https://go.dev/dl)")
        build_whole(cached, partial(_build, name))
    return cached


def build_notice(name: str) -> str | None:
    """Give what to tell people before the first call, None where the programs are there."""
    if cached_folder(name).is_dir():
        return None
    return f"building {name} from its Go module, once on this machine: it takes minutes"


def cached_folder(name: str) -> Path:
    """Give the place in the cache, whether the programs are there or not."""
    told = f"{_link_flags(name)}{_build_tags(name)}"
    return cached_build(name, (_MODULES / name / "go.sum").read_bytes() + told.encode())


def _link_flags(name: str) -> str:
    """Give what the linker is told: no symbols, and what NAME/link-flags adds, such as the version to answer with."""
    own = _MODULES / name / "link-flags"
    return f"-s -w {own.read_text().strip()}" if own.exists() else "-s -w"


def _build_tags(name: str) -> str:
    """Give what NAME/build-tags leaves out of the programs, or puts in."""
    own = _MODULES / name / "build-tags"
    return own.read_text().strip() if own.exists() else ""


def _build(name: str, target: Path) -> None:
    told = ["-trimpath", "-ldflags", _link_flags(name), "-tags", _build_tags(name)]
    command = ["nice", "go", "build", *told, "-o", f"{target}/", "tool"]
    built = subprocess.run(
        command, cwd=_MODULES / name, env=_go_environment(), capture_output=True, text=True, check=False
    )
    if built.returncode:
        last_line = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise PartMissingError(f"{name} cannot be built from its Go module: {last_line}")


def _go_environment() -> Mapping[str, str]:
    return {**os.environ, "CGO_ENABLED": "0"}


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        sys.stdout.write(f"{wanted}: {go_programs(wanted)}\n")
