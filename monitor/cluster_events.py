"""Kubernetes Events on the trainer's CronJob that tell what changed: what `kubectl get events` shows."""

from typing import Final

from monitor.report import Status
from monitor.settings import MonitorSettings
from monitor.telling import Change

_REASONS: Final = {
    Status.HEALTHY: "ModelHealthy",
    Status.DEGRADED: "ModelDegraded",
    Status.UNHEALTHY: "ModelUnhealthy",
}


def record(settings: MonitorSettings, change: Change) -> None:
    """Record an Event. Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError."""
    from cluster.connection import connect  # noqa: PLC0415 (the client takes 0.3 s to import)
    from cluster.events import EventType, record_event  # noqa: PLC0415

    status = change.report.status
    kind = EventType.NORMAL if status is Status.HEALTHY else EventType.WARNING
    connection, reason, sentence = connect(settings), _REASONS[status], in_words(change)
    record_event(connection, settings.trainer_cronjob, settings.pod_name, kind, reason, sentence)


def in_words(change: Change) -> str:
    """Tell a change in sentences."""
    sentences = [f"{result.check}: {result.message}" for result in change.report.unwell]
    sentences += [f"{check} is in order again" for check in change.recovered]
    return f"The model was {change.before.status} and is {change.report.status}. {'. '.join(sentences)}"
