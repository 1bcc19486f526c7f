"""Keeping a run's peak near what it holds: freed memory goes back to the system instead of into the allocators' caches.

Measured on 1.47 M events (benchmarks/completejourney.py): above the imports, the peak is about 37 MB with this and
118 MB without, since the batches of extraction leave glibc's and Arrow's caches full while the matrix is built.
"""

import ctypes
import resource
import sys
from pathlib import Path
from typing import Final

_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 1 << 17


def return_memory_early() -> None:
    """Let large arrays be mapped on their own for the rest of the process, and Arrow use the same allocator."""
    import pyarrow as pa  # noqa: PLC0415 (0.1 s to import)

    pa.set_memory_pool(pa.system_memory_pool())
    if _has_glibc():
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def return_memory_now() -> None:
    """Give back what lies free in between."""
    if _has_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def peak_bytes() -> int:
    """Give the most memory that this process has had, mapped files included."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage tells what its parent had when it was forked
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _has_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")
