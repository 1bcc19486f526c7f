"""A rollout from beginning to end: restart the API on a version, and wait until every replica answers with it."""

import json
import logging
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Final

from cluster.api_deployment import ApiDeployment
from cluster.connection import Json
from runtime.errors import RecommenderError, TryAgainError

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.25
_ANSWER_SECONDS: Final = 5.0


class RolloutFailedError(RecommenderError):
    """The replicas did not all come up with the new version; those of the version before go on serving."""


def roll_out(
    deployment: ApiDeployment, version: str, port: int, seconds: float, check: Callable[[], None] = lambda: None
) -> int:
    """Restart the API on a version and wait; give the number of replicas that answer with it.

    `check` is called all the while and may raise. Raises RolloutFailedError, which says what the replicas wait for.
    """
    deadline = time.monotonic() + seconds
    deployment.pin(version, f"model {version}")
    last = "the rollout was not seen by its controller"
    while time.monotonic() < deadline:
        check()
        try:
            status = deployment.status()
            last = str(status)
            if status.has_failed:
                break
            if status.is_done and _all_answer(deployment, version, port):
                return status.wanted
        except TryAgainError as error:  # an API server that restarts does not end a rollout
            last = str(error)
        time.sleep(_POLL_SECONDS)
    raise RolloutFailedError(
        f"{deployment.described} did not come up with model {version} within {seconds:.0f} s: {last}"
        f"{_what_pods_wait_for(deployment)}",
        hint=f"The old replicas go on serving; `kubectl rollout undo deployment/{deployment.name}` ends the attempt",
    )


def served_version(pod: Json, port: int) -> str | None:
    """Ask one replica for the version that it serves; None where it does not answer, or has none."""
    address = pod.get("status", {}).get("podIP")
    if not address:
        return None
    host = f"[{address}]" if ":" in address else address
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=_ANSWER_SECONDS) as answer:
            version = json.load(answer)["model_version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if version is None else str(version)


def _all_answer(deployment: ApiDeployment, version: str, port: int) -> bool:
    return all(served_version(pod, port) == version for pod in deployment.pods())


def _what_pods_wait_for(deployment: ApiDeployment) -> str:
    """Give what keeps pods from being ready, such as `; api-1 waits: ImagePullBackOff`."""
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
