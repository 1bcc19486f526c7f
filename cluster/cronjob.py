"""The trainer's CronJob: what its Jobs are made of, what its Events tell of, and what its Lease goes with."""

from cluster.connection import Connection, Json


def read_cronjob(connection: Connection, name: str) -> Json:
    """Read a CronJob. Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError."""
    operation = f"read CronJob {connection.namespace}/{name}"
    return connection.ask(operation, connection.batch.read_namespaced_cron_job, name, connection.namespace)


def reference_to(cronjob: Json) -> Json:
    """Give what another object says to refer to a CronJob; what it owns is deleted with it."""
    metadata = cronjob["metadata"]
    return {"apiVersion": "batch/v1", "kind": "CronJob", "name": metadata["name"], "uid": metadata["uid"]}
