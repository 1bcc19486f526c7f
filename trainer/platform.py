"""What a run of the trainer finds around it: one machine, or a Kubernetes cluster."""

from contextlib import AbstractContextManager
from typing import Protocol

from serving.replicas import Replicas


class RunLock(Protocol):
    """The right to write, of which there is one."""

    def check(self) -> None:
        """Make sure that it is still ours, before anything is written. Raises TryAgainError."""


class Platform(Replicas, Protocol):
    """What a run needs of its surroundings, the API's replicas among them."""

    def lock(self) -> AbstractContextManager[RunLock]:
        """Hold the right to write. Raises TryAgainError, which names the holder, where another process has it."""

    def versions_in_use(self) -> set[str]:
        """Give the versions that may come back into service without the store being asked."""
