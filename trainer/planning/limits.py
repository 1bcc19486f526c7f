"""How much memory this process may have, as far as anybody says: MEMORY_LIMIT, else the control group's limit.

Both versions of control groups are read. A process sees its own group at the path that /proc/self/cgroup names, or, in
a container, at the root of the mount; the groups above it limit it too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from trainer.planning.quantity import parse_quantity

_V2_FILE: Final = "memory.max"
_V1_FILE: Final = "memory.limit_in_bytes"
# Version 1 says "no limit" as the largest number of whole pages.
_NO_LIMIT_BYTES: Final = 1 << 60


@dataclass(frozen=True)
class MemoryLimit:
    """A limit in bytes, and who says so: MEMORY_LIMIT, or a file."""

    n_bytes: int
    source: str


def memory_limit(setting: str | None, root: Path = Path("/")) -> MemoryLimit | None:
    """Give the limit of this process, None where none is known; `root` is where /proc and /sys are."""
    if setting is not None:
        return MemoryLimit(parse_quantity(setting), "MEMORY_LIMIT")
    limits = [limit for file in _limit_files(root) if (limit := _read(file)) is not None]
    return min(limits, key=lambda limit: limit.n_bytes, default=None)


def _limit_files(root: Path) -> Iterator[Path]:
    """Give the files in which a limit may stand, this process's own group first."""
    groups = root / "sys" / "fs" / "cgroup"
    for controllers, path in _own_groups(root):
        mount, name = (groups, _V2_FILE) if controllers == "" else (groups / "memory", _V1_FILE)
        if controllers == "" or "memory" in controllers.split(","):
            relative = PurePosixPath(path.lstrip("/"))
            yield from (mount / group / name for group in (relative, *relative.parents))


def _own_groups(root: Path) -> list[tuple[str, str]]:
    """Give (controllers, path) of each hierarchy; version 2 has no controllers there."""
    try:
        lines = (root / "proc" / "self" / "cgroup").read_text().splitlines()
    except OSError:  # no Linux, or nothing to see
        return []
    return [(line.split(":", 2)[1], line.split(":", 2)[2]) for line in lines if line.count(":") > 1]


def _read(file: Path) -> MemoryLimit | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    if not text.isdecimal() or int(text) >= _NO_LIMIT_BYTES:
        return None
    return MemoryLimit(int(text), str(file))
