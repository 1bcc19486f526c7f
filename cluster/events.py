"""Kubernetes Events on the trainer's CronJob: what `kubectl describe cronjob trainer` shows of the runs."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cluster.connection import WRITER, Connection, Json
from cluster.cronjob import read_cronjob, reference_to

# The API server's own limits.
_LONGEST_MESSAGE: Final = 1024
_LONGEST_REPORTER: Final = 128
_COMPONENT: Final = "recommender-trainer"


class EventType(StrEnum):
    """What Kubernetes tells apart: the expected, and what somebody should look at."""

    NORMAL = "Normal"
    WARNING = "Warning"


def record_event(
    connection: Connection, cronjob: str, reporter: str, kind: EventType, reason: str, message: str
) -> None:
    """Record an Event on a CronJob. `reason` is one CamelCase word, `message` a sentence.

    Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError.
    """
    operation, namespace = f"record an Event on CronJob {connection.namespace}/{cronjob}", connection.namespace
    found = read_cronjob(connection, cronjob)
    event = _event(found, reporter) | {"type": kind.value, "reason": reason, "message": _cut(message)}
    connection.ask(operation, connection.core.create_namespaced_event, namespace, event, **WRITER)


def _event(cronjob: Json, reporter: str) -> Json:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    involved = {**reference_to(cronjob), "namespace": cronjob["metadata"]["namespace"]}
    return {
        "metadata": {"name": f"{involved['name']}.{uuid.uuid4().hex[:16]}", "namespace": involved["namespace"]},
        "involvedObject": involved,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": reporter[:_LONGEST_REPORTER],
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }


def _cut(message: str) -> str:
    """Shorten a message to what the API server takes, in bytes."""
    return message.encode()[:_LONGEST_MESSAGE].decode(errors="ignore")
