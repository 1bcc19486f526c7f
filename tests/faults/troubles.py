"""What can happen to one call: its process is killed around it, or it fails, once or from then on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Kind(StrEnum):
    """The troubles. A file system's words for 500, 403 and slow-down are in system_calls.py."""

    KILL_BEFORE = "kill-before"
    KILL_DURING = "kill-during"  # half of what it was to write is written
    KILL_AFTER = "kill-after"
    TIMEOUT = "timeout"
    SERVER_ERROR = "500"
    FORBIDDEN = "403"
    SLOW_DOWN = "slow-down"
    LOST = "lost"  # it was done, but the caller is told that it failed
    CUT = "cut"  # the answer ends in its middle


KILLS: Final = frozenset({Kind.KILL_BEFORE, Kind.KILL_DURING, Kind.KILL_AFTER})
_FOR_GOOD: Final = "-for-good"


@dataclass(frozen=True)
class Trouble:
    """One of them, for one call, or `for_good` for all that follow too."""

    kind: Kind
    for_good: bool = False

    def __str__(self) -> str:
        return f"{self.kind}{_FOR_GOOD if self.for_good else ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote. Raises ValueError."""
        return cls(Kind(text.removesuffix(_FOR_GOOD)), text.endswith(_FOR_GOOD))


@dataclass(frozen=True)
class Strike:
    """The number of a call, from 0, and the trouble that it meets."""

    number: int
    trouble: Trouble

    def meets(self, number: int) -> bool:
        """Whether a call has this trouble."""
        return number == self.number or (self.trouble.for_good and number > self.number)


@dataclass(frozen=True)
class Call:
    """One call that was recorded: its name without what differs from run to run, and what there is of it to halve."""

    name: str
    sends: bool = False
    receives: bool = False
