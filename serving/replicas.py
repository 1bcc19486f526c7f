"""The API's replicas, as far as a change of the model concerns them; and what they are where there is no cluster."""

from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr

from cluster.pin import Pin
from model.golden import GoldenAnswer


def nothing_to_check() -> None:
    """Find nothing wrong."""


class Replicas(Protocol):
    """All servers that answer under one address. Each call raises the errors of cluster.errors."""

    def pin(self, version: str, cause: str) -> None:
        """Begin to restart the replicas with a version, whatever they are pinned to."""

    def repin(self, version: str, cause: str, instead_of: str | None) -> None:
        """As `pin`, provided that they are still pinned to `instead_of`. Raises SupersededError."""

    def pinned(self) -> Pin:
        """Give what the replicas are pinned to."""

    def roll_out(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Restart the replicas with a version, and wait until every one answers as it should, and goes on doing so.

        `check` is called all the while; what it raises ends the wait. Raises RolloutFailedError, SupersededError.
        """

    def wait(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Wait for replicas that were pinned to a version before. Raises RolloutFailedError, SupersededError."""

    def put_back(self, version: str, instead_of: str, check: Callable[[], None]) -> None:
        """Bring the replicas back to the version that they served before, and wait until every one answers with it.

        Raises RolloutFailedError; SupersededError where they are not pinned to `instead_of` any more.
        """

    def tell(self, path: str, bearer: SecretStr) -> list[str]:
        """POST to a path of every replica at its own address, and give the names of those that did not take it."""


class FollowingReplicas:
    """A server that follows current.json by itself: nothing has to be done, and its address is not known."""

    def pin(self, version: str, cause: str) -> None:
        """Do nothing."""

    def repin(self, version: str, cause: str, instead_of: str | None) -> None:
        """Do nothing."""

    def pinned(self) -> Pin:
        """Give no version."""
        return Pin(None)

    def roll_out(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Do nothing."""

    def wait(self, version: str, golden: tuple[GoldenAnswer, ...], check: Callable[[], None]) -> None:
        """Do nothing."""

    def put_back(self, version: str, instead_of: str, check: Callable[[], None]) -> None:
        """Do nothing."""

    def tell(self, path: str, bearer: SecretStr) -> list[str]:  # noqa: ARG002 (nobody's address is known)
        """Tell nobody."""
        return []
