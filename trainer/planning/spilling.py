"""What a run takes whose large arrays are on disk (trainer.arrays.scratch)."""

from typing import Final

from trainer.planning.costs import SPILLED_MEGABYTES, Drivers
from trainer.planning.limits import MemoryLimit
from trainer.planning.size import ShopSize

_MEGABYTE: Final = 1e6
# The least that is worked on at a time, and what part of a limit is, where there is more.
_LEAST_WORK_BYTES: Final = 64 << 20
_WORK_SHARE: Final = 0.25
# An event's columns, and first its row as it was read, later its item and weight in the holdout's matrix and in that of
# all, and its weight once more as time has made it fade; an interaction's entry for the kernel; a user's place in that.
# Where kinds are several, KINDS=paths has two of its columns once more, and its item and weight in a matrix of its own.
_BYTES_AN_EVENT: Final = 17 + 24 + 4
_BYTES_AN_EVENT_BY_KIND: Final = 8 + 8
_BYTES_AN_INTERACTION: Final = 8
_BYTES_A_USER: Final = 8


def spilled_peak_bytes(size: ShopSize) -> float:
    """Give the most memory that cannot be taken back from a run; the files' pages are the system's to keep or drop."""
    return _MEGABYTE * Drivers.of(size, 1).cost(SPILLED_MEGABYTES) + _LEAST_WORK_BYTES


def work_bytes(limit: MemoryLimit) -> int:
    """Give how much a run may work on at a time."""
    return max(_LEAST_WORK_BYTES, int(_WORK_SHARE * limit.n_bytes))


def disk_bytes(size: ShopSize) -> float:
    """Give the room that the arrays take on disk."""
    worst = size.at_worst()
    an_event = _BYTES_AN_EVENT + (_BYTES_AN_EVENT_BY_KIND if size.kinds > 1 else 0)
    return an_event * size.n_events + _BYTES_AN_INTERACTION * worst.kind_interactions + _BYTES_A_USER * worst.users
