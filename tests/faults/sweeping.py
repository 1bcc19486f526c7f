"""The day that a sweep of failed uploads waits for, and what must be gone after it."""

from collections.abc import Iterator

from registry.registry import Registry
from tests.faults.backends import Backend, tomorrow
from tests.faults.soundness import orphan_problems


def problems_a_day_later(backend: Backend, registry: Registry, keep: int) -> Iterator[str]:
    """Nothing is orphaned for good.

    Where a backend can make a day pass, the run before this has swept; on one that keeps its own time it is swept now.
    """
    if backend.keeps_own_time:
        registry.prune(keep, now=tomorrow())
    yield from orphan_problems(registry, backend.leftovers())
