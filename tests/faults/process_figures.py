"""What a process holds, as the kernel tells it."""

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

_MB: Final = 1e6


@dataclass(frozen=True)
class ProcessFigures:
    """Memory in MB: anonymous, and all of it with a share of what is shared; numbers of files, mappings, threads."""

    anonymous_mb: float
    proportional_mb: float
    open_files: int
    mappings: int
    threads: int

    def __str__(self) -> str:
        return (
            f"{self.anonymous_mb:.1f} MB anonymous, {self.proportional_mb:.1f} MB in all (Pss), "
            f"{self.open_files} open files, {self.mappings} mappings, {self.threads} threads"
        )

    def at_most(self, limits: "ProcessFigures") -> bool:
        """Tell whether each figure is within its limit."""
        return all(mine <= limit for mine, limit in zip(astuple(self), astuple(limits), strict=True))

    def with_room(self, more: "ProcessFigures") -> "ProcessFigures":
        """Give the sum of the two."""
        return ProcessFigures(*(mine + other for mine, other in zip(astuple(self), astuple(more), strict=True)))


def process_figures(pid: int) -> ProcessFigures:
    """Look at a process once."""
    process = Path(f"/proc/{pid}")
    sizes = _sizes_mb((process / "smaps_rollup").read_text())
    return ProcessFigures(
        sizes["Anonymous"],
        sizes["Pss"],
        len(list((process / "fd").iterdir())),
        len((process / "maps").read_text().splitlines()),
        len(list((process / "task").iterdir())),
    )


def _sizes_mb(text: str) -> dict[str, float]:
    lines = (line.split() for line in text.splitlines()[1:])
    return {name.rstrip(":"): int(value) * 1024 / _MB for name, value, _unit in lines}
