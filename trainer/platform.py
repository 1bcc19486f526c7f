"""What a run of the trainer finds around it: one machine, or a Kubernetes cluster."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


def nothing_to_check() -> None:
    """Find nothing wrong."""


class RunLock(Protocol):
    """The right to write, of which there is one."""

    def check(self) -> None:
        """Make sure that it is still ours, before anything is written. Raises TryAgainError."""


class Platform(Protocol):
    """What a run needs of its surroundings."""

    def lock(self) -> AbstractContextManager[RunLock]:
        """Hold the right to write. Raises TryAgainError, which names the holder, where another process has it."""

    def roll_out(self, version: str, check: Callable[[], None] = nothing_to_check) -> None:
        """Bring a version that was promoted into service. Raises RecommenderError where that does not work.

        `check` is called all the while; what it raises ends the wait.
        """

    def versions_in_use(self) -> set[str]:
        """Give the versions that may come back into service without the store being asked."""
