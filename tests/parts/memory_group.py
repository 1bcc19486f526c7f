"""A control group with a memory limit of its own, in which a test can start processes."""

import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.missing import PartMissingError

_GROUPS = Path("/sys/fs/cgroup")
_NO_GROUP = "no control group with a memory limit can be made here (needs root, and the memory controller)"


@dataclass(frozen=True)
class MemoryGroup:
    """A group, and the file in which its limit stands."""

    folder: Path
    limit_file: Path

    def run(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a command in the group. The shell enters it, and becomes the command."""
        enter = ["sh", "-c", 'echo $$ > "$0"; exec "$@"', str(self.folder / "cgroup.procs"), *command]
        return subprocess.run(enter, env=environment, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def memory_group(limit_bytes: int) -> Iterator[MemoryGroup]:
    """Make a group for as long as the context lasts. Raises PartMissingError where this machine does not let us."""
    is_v2 = (_GROUPS / "cgroup.controllers").exists()
    folder = (_GROUPS if is_v2 else _GROUPS / "memory") / f"recommender-test-{uuid.uuid4().hex[:12]}"
    group = MemoryGroup(folder, folder / ("memory.max" if is_v2 else "memory.limit_in_bytes"))
    try:
        folder.mkdir()
    except OSError:
        raise PartMissingError(_NO_GROUP) from None
    try:
        if not group.limit_file.exists():
            raise PartMissingError(_NO_GROUP)
        group.limit_file.write_text(str(limit_bytes))
        yield group
    finally:
        folder.rmdir()
