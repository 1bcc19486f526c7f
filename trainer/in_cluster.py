"""A Kubernetes cluster: the trainer's Lease, and the rollout of the API's Deployment."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from cluster.api_deployment import ApiDeployment
from cluster.connection import connect
from cluster.lease import Lease
from cluster.rollout import roll_out
from cluster.settings import ClusterSettings
from trainer.platform import RunLock, nothing_to_check

log = logging.getLogger(__name__)


class InCluster:
    """The platform inside of a release."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._connection = connect(settings)
        self._deployment = ApiDeployment(self._connection, settings.api_deployment)

    def lock(self) -> AbstractContextManager[RunLock]:
        """Hold the Lease. Raises LeaseTakenError, which names the pod that holds it."""
        settings = self._settings
        return Lease(self._connection, settings.trainer_lease, settings.pod_name, settings.trainer_cronjob).held()

    def roll_out(self, version: str, check: Callable[[], None] = nothing_to_check) -> None:
        """Restart the API pinned to a version, and wait until all replicas answer with it.

        Raises RolloutFailedError, and what `check` raises.
        """
        described = self._deployment.described
        log.info("Restarting %s with model %s...", described, version, extra={"version": version})
        seconds = self._settings.rollout_seconds
        replicas = roll_out(self._deployment, version, self._settings.api_port, seconds, check)
        log.info("%d replicas of %s serve model %s", replicas, described, version, extra={"replicas": replicas})

    def versions_in_use(self) -> set[str]:
        """Give the versions that the API's ReplicaSets pin."""
        return self._deployment.pinned_versions()
