"""A rollout of a version that the replicas were just pinned to: it is done once every replica answers as it should."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cluster.api_deployment import ApiDeployment, RolloutStatus, superseded
from cluster.connection import Json
from cluster.errors import RolloutFailedError
from cluster.golden_check import wrong_answer
from cluster.replica import NoAnswerError, Replica
from model.golden import GoldenAnswer
from runtime.errors import RecommenderError, TryAgainError

_POLL_SECONDS: Final = 0.25


@dataclass(frozen=True)
class Expected:
    """What every replica has to answer: its version, and the golden answers of it, where they are known."""

    version: str
    golden: tuple[GoldenAnswer, ...] = ()


@dataclass(frozen=True)
class Look:
    """How far a rollout was at one moment, and the replicas that were there."""

    status: RolloutStatus
    replicas: list[Replica]


class Rollout:
    """Looks again and again at how far the replicas are.

    `check` is called before every look and may raise. A replica is asked as soon as it is ready, so that the first
    wrong answer ends the rollout while most of the old ones are still there.
    """

    def __init__(self, deployment: ApiDeployment, expected: Expected, check: Callable[[], None]) -> None:
        self._deployment, self._expected, self._check = deployment, expected, check
        self._right: set[str] = set()
        self._trouble = "the API server was not asked"

    def wait(self, seconds: float) -> int:
        """Wait until every replica answers as it should; give their number.

        Raises RolloutFailedError, which says what differs or what the replicas wait for; SupersededError where
        somebody else pins another version.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.look()
            if found and found.status.is_done and self._are_right(found.replicas):
                return found.status.wanted
            if found and found.status.has_failed:
                raise self.failure(f"its controller gave up: {found.status}{_what_pods_wait_for(self._deployment)}")
            time.sleep(_POLL_SECONDS)
        raise self.failure(f"not within {seconds:.0f} s: {self._trouble}{_what_pods_wait_for(self._deployment)}")

    def look(self) -> Look | None:
        """Look once, and ask the replicas that are newly ready; None where the API server does not answer.

        Raises RolloutFailedError, SupersededError, and what `check` raises.
        """
        self._check()
        try:
            status = self._deployment.status()
            if status.pin.version != self._expected.version:
                raise superseded(self._deployment.described, self._expected.version, status.pin)
            found = Look(status, self._deployment.replicas())
        except TryAgainError as error:  # an API server that restarts does not end a rollout
            self._trouble = str(error)
            return None
        self._trouble = str(status)
        for replica in found.replicas:
            self._ask(replica)
        return found

    def failure(self, what: str) -> RolloutFailedError:
        """Say that the version did not come up, and why."""
        return RolloutFailedError(
            f"{self._deployment.described} did not come up with model {self._expected.version}: {what}",
            hint=f"`kubectl rollout undo deployment/{self._deployment.name}` brings back the one before",
        )

    def _are_right(self, replicas: list[Replica]) -> bool:
        return all(replica.uid in self._right for replica in replicas)

    def _ask(self, replica: Replica) -> None:
        """Ask a replica of the new version once it is ready, until it has answered."""
        if not replica.is_ready or replica.pinned != self._expected.version or replica.uid in self._right:
            return
        try:
            wrong = wrong_answer(replica, self._expected.version, self._expected.golden)
        except NoAnswerError as error:  # it may have been too busy
            self._trouble = str(error)
            return
        if wrong:
            raise self.failure(wrong)
        self._right.add(replica.uid)


def _what_pods_wait_for(deployment: ApiDeployment) -> str:
    """Give what keeps pods from being ready, such as `; api-1: ImagePullBackOff`."""
    try:
        pods = deployment.pods()
    except RecommenderError:
        return ""
    return "".join(sorted(f"; {pod['metadata']['name']}: {reason}" for pod in pods for reason in _troubles(pod)))


def _troubles(pod: Json) -> Iterator[str]:
    status = pod.get("status", {})
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield str(condition.get("message") or condition.get("reason"))
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        waiting = container.get("state", {}).get("waiting")
        if waiting:
            yield " ".join(filter(None, [waiting.get("reason"), waiting.get("message")]))
        elif not container["ready"]:
            yield "not ready"
