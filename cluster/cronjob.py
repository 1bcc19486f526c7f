"""The trainer's CronJob: what its Jobs are made of, what its Events tell of, and what its Lease goes with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cluster.connection import Connection, Json


@dataclass(frozen=True)
class CronJobState:
    """What a CronJob is to do, and what its controller did: `last_scheduled_at` is None until it made a Job.

    `starts_within`: a run that is late by more is left out, None where none ever is.
    """

    name: str
    schedule: str
    time_zone: str | None
    is_suspended: bool
    starts_within: timedelta | None
    created_at: datetime
    last_scheduled_at: datetime | None
    n_active: int

    @classmethod
    def of(cls, cronjob: Json) -> Self:
        """Read a CronJob."""
        metadata, spec, status = cronjob["metadata"], cronjob["spec"], cronjob.get("status", {})
        deadline, scheduled = spec.get("startingDeadlineSeconds"), status.get("lastScheduleTime")
        return cls(
            name=metadata["name"],
            schedule=spec["schedule"],
            time_zone=spec.get("timeZone"),
            is_suspended=bool(spec.get("suspend")),
            starts_within=None if deadline is None else timedelta(seconds=deadline),
            created_at=datetime.fromisoformat(metadata["creationTimestamp"]),
            last_scheduled_at=datetime.fromisoformat(scheduled) if scheduled else None,
            n_active=len(status.get("active", [])),
        )


def read_cronjob(connection: Connection, name: str) -> Json:
    """Read a CronJob. Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError."""
    operation = f"read CronJob {connection.namespace}/{name}"
    return connection.ask(operation, connection.batch.read_namespaced_cron_job, name, connection.namespace)


def reference_to(cronjob: Json) -> Json:
    """Give what another object says to refer to a CronJob; what it owns is deleted with it."""
    metadata = cronjob["metadata"]
    return {"apiVersion": "batch/v1", "kind": "CronJob", "name": metadata["name"], "uid": metadata["uid"]}
