"""What the machine can do at best, on as many threads as the kernel has: bytes of memory, and scattered additions.

The memory loops are copy and triad of McCalpin's STREAM, with its way of counting (a byte read is one, a byte written
is one, and what a processor reads to write is none). The additions are the kernel's own (trainer.kernel.machine), on
lists of random distinct items, in tables of sums of a size that fits a level of the cache.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from time import perf_counter
from typing import Final, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.machine import add_eight

Floats = NDArray[np.float64]
Entries = NDArray[np.uint32]
_REPEATS: Final = 7
_SEED: Final = 20250105
_CACHES: Final = Path("/sys/devices/system/cpu/cpu0/cache")
# Each of STREAM's arrays is to be so many times the largest cache, and no smaller than so many bytes.
_CACHES_AN_ARRAY: Final = 4
_LEAST_ARRAY_BYTES: Final = 128 << 20
_SUMS_BYTES: Final = 16
# Rows of a table that fills half of a core's first level of cache (32 KiB), and half of its second (512 KiB).
_FIRST_LEVEL_ITEMS, _SECOND_LEVEL_ITEMS = (size // 2 // _SUMS_BYTES for size in (32 << 10, 512 << 10))
# A list that stays in the second level, and one that no cache holds.
_CACHED_ENTRIES, _STREAMED_ENTRIES = 1 << 13, 1 << 23
_ADDITIONS_A_RUN: Final = 1 << 25


@dataclass(frozen=True)
class MachineLimits:
    """Bytes a second of memory, and additions a second by where table and lists are; all threads together."""

    copy_bytes: float
    triad_bytes: float
    additions_in_first_level: float
    additions_in_second_level: float
    additions_of_streamed_lists: float

    @property
    def memory_bytes(self) -> float:
        """The most bytes a second."""
        return max(self.copy_bytes, self.triad_bytes)

    @property
    def additions(self) -> float:
        """The most additions a second."""
        return max(self.additions_in_first_level, self.additions_in_second_level, self.additions_of_streamed_lists)

    def or_better(self, other: Self) -> Self:
        """Give the better of each rate: what disturbs a machine makes it slower only."""
        return type(self)(*(max(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


def machine_limits(threads: int) -> MachineLimits:
    """Measure, in about half a minute; the best of 7 runs of each loop counts."""
    with ThreadPoolExecutor(threads) as pool:
        return MachineLimits(
            *_stream_rates(pool, threads),
            _addition_rate(pool, threads, _FIRST_LEVEL_ITEMS, _CACHED_ENTRIES),
            _addition_rate(pool, threads, _SECOND_LEVEL_ITEMS, _CACHED_ENTRIES),
            _addition_rate(pool, threads, _SECOND_LEVEL_ITEMS, _STREAMED_ENTRIES),
        )


def _stream_rates(pool: ThreadPoolExecutor, threads: int) -> tuple[float, float]:
    """Give bytes a second of copy and of triad, each thread on a part of its own."""
    size = max(_LEAST_ARRAY_BYTES, _CACHES_AN_ARRAY * largest_cache_bytes()) // 8 // threads
    parts = [tuple(np.full(size, value) for value in (1.0, 2.0, 0.0)) for _ in range(threads)]
    copying = _best_seconds(pool, [lambda a=a, c=c: _copy(a, c) for a, _, c in parts])  # type: ignore[misc]
    adding = _best_seconds(pool, [lambda a=a, b=b, c=c: _triad(a, b, c) for a, b, c in parts])  # type: ignore[misc]
    return 16 * size * threads / copying, 24 * size * threads / adding


def _addition_rate(pool: ThreadPoolExecutor, threads: int, n_items: int, n_entries: int) -> float:
    """Give additions a second of lists that are walked again and again, each thread with lists and sums of its own."""
    rounds = _ADDITIONS_A_RUN // n_entries
    desks = [(np.zeros((n_items, 2)), random_lists(thread, n_items, n_entries)) for thread in range(threads)]
    adding: list[Callable[[], object]] = [
        lambda sums=sums, entries=entries: add_up(sums, entries, rounds)  # type: ignore[misc]
        for sums, entries in desks
    ]
    return threads * rounds * n_entries / _best_seconds(pool, adding)


def random_lists(seed: int, n_items: int, n_entries: int) -> Entries:
    """Give entries (bits of the weight 1, item), uint32 (n_entries, 2), of which each eight are distinct and rising."""
    strip = n_items // 8
    drawn = np.random.default_rng((_SEED, seed)).integers(0, strip, (n_entries // 8, 8)) + np.arange(8) * strip
    ones = np.ones(n_entries, np.float32).view(np.uint32)
    return np.column_stack([ones, drawn.ravel().astype(np.uint32)])


def largest_cache_bytes() -> int:
    """Give the size of the largest cache of the first core, 0 where Linux does not say."""
    return max((int(file.read_text().rstrip("K\n")) << 10 for file in _CACHES.glob("index*/size")), default=0)


def _best_seconds(pool: ThreadPoolExecutor, works: Sequence[Callable[[], object]]) -> float:
    """Give the least seconds in which all threads do their work, after a first time that does not count."""
    return min([_seconds(pool, works) for _ in range(1 + _REPEATS)][1:])


def _seconds(pool: ThreadPoolExecutor, works: Sequence[Callable[[], object]]) -> float:
    started = perf_counter()
    for doing in [pool.submit(work) for work in works]:
        doing.result()
    return perf_counter() - started


@njit(cache=True, nogil=True, error_model="numpy")
def _copy(a: Floats, c: Floats) -> None:
    for i in range(len(a)):
        c[i] = a[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _triad(a: Floats, b: Floats, c: Floats) -> None:
    for i in range(len(a)):
        c[i] = a[i] + 3.0 * b[i]


@njit(cache=True, nogil=True, error_model="numpy")
def add_up(sums: Floats, entries: Entries, rounds: int) -> None:
    """Add all entries to the sums, float64 (n_items, 2), so many times over."""
    for _ in range(rounds):
        for entry in range(0, len(entries), 8):
            add_eight(sums, entries, entry, 1.0)
