"""Whole runs of `python -m trainer` in a control group of their own, with a memory limit or without."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from benchmarks.measuring import measure_python
from benchmarks.trainer_runs import trainer_environment
from runtime.errors import BadSettingsError
from tests.parts.memory_group import MemoryGroup, memory_group
from tests.parts.missing import PartMissingError

# Beyond any machine: the kernel, and the trainer with it, take it for no limit.
_NO_LIMIT_BYTES: Final = 1 << 62
_PEAK_FILES: Final = ("memory.peak", "memory.max_usage_in_bytes")
# The run is to try it: a plan that says it does not fit is told, and no reason to stop. One recipe, so that a step is
# the same step in every shop (what choosing one takes, benchmarks.quality says).
_SETTINGS: Final = {"MEMORY_CHECK": "warn", "RECIPE": "cosine"}


@dataclass(frozen=True)
class GrownRun:
    """One run: wall seconds of the whole process and of its steps, its largest resident set, and its group's peak.

    The group's peak counts pages of files too, such as the model that was written; None where no group can be made.
    """

    outcome: str
    interactions: int
    users: int
    products: int
    seconds: float
    seconds_by_step: dict[str, float]
    peak_bytes: int
    group_peak_bytes: int | None


def run_grouped(url: URL, folder: Path, limit_bytes: int | None) -> GrownRun:
    """Train once from a database into a new store in a folder.

    Raises BadSettingsError where there is a limit and no group can be made, RuntimeError where the run fails.
    """
    with _group(limit_bytes) as group:
        entering = ["benchmarks.in_group", str(group.folder / "cgroup.procs")] if group else []
        environment = trainer_environment(url, folder, _SETTINGS)
        measured = measure_python(["-m", *entering, "trainer"], folder, environment)
        group_peak = _peak_bytes(group) if group else None
    run = json.loads((folder / "store" / "metrics.json").read_bytes())[-1]
    return GrownRun(
        outcome=run["outcome"],
        interactions=run["n_interactions"],
        users=run["n_users"],
        products=run["n_products"],
        seconds=measured.seconds,
        seconds_by_step=run["seconds_by_step"],
        peak_bytes=measured.peak_bytes,
        group_peak_bytes=group_peak,
    )


@contextmanager
def _group(limit_bytes: int | None) -> Iterator[MemoryGroup | None]:
    try:
        with memory_group(limit_bytes or _NO_LIMIT_BYTES) as group:
            if (swap := group.folder / "memory.swap.max").exists():
                swap.write_text("0")
            yield group
    except PartMissingError as missing:
        if limit_bytes is not None:
            raise BadSettingsError(str(missing), hint="Leave out --limit") from None
        yield None


def _peak_bytes(group: MemoryGroup) -> int | None:
    """Give the most that the group has held; version 2 tells since Linux 5.19."""
    files = (group.folder / name for name in _PEAK_FILES)
    return next((int(file.read_text()) for file in files if file.exists()), None)
