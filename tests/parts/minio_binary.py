"""The MinIO program, built once from its Go module and kept in the user's cache under its go.sum's hash."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from tests.parts.missing import PartMissingError, find_program

_MODULE = Path(__file__).parent / "minio"
_BUILD = ["go", "build", "-trimpath", "-ldflags", "-s -w"]


def minio_binary() -> Path:
    """Give the program's path; the first call on a machine takes about two minutes."""
    cached = cached_path()
    if not cached.exists():
        find_program("go", "MinIO is not built and Go is not installed (https://go.dev/dl)")
        _build(cached)
    return cached


def cached_path() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    pinned = hashlib.sha256((_MODULE / "go.sum").read_bytes()).hexdigest()
    return cache / "recommender-tests" / f"minio-{pinned[:12]}" / "minio"


def _build(target: Path) -> None:
    """Build beside the target and move there whole, so that nobody ever runs half a program."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target.parent) as folder:
        command = ["nice", *_BUILD, "-o", f"{folder}/", "tool"]
        environment = {**os.environ, "CGO_ENABLED": "0"}
        built = subprocess.run(command, cwd=_MODULE, env=environment, capture_output=True, text=True, check=False)
        if built.returncode:
            last_line = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PartMissingError(f"MinIO cannot be built from its Go module: {last_line}")
        (Path(folder) / "minio").replace(target)
