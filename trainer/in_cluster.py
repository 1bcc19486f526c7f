"""A Kubernetes cluster: the trainer's Lease, and the replicas of the API's Deployment."""

from contextlib import AbstractContextManager

from cluster.lease import Lease
from cluster.settings import ClusterSettings
from serving.cluster_replicas import ClusterReplicas
from trainer.platform import RunLock


class InCluster(ClusterReplicas):
    """The platform inside of a release. Raises NotInClusterError where there is no way to the cluster."""

    def __init__(self, settings: ClusterSettings) -> None:
        super().__init__(settings)
        self._lease_of = self.connection, settings.trainer_lease, settings.pod_name, settings.trainer_cronjob

    def lock(self) -> AbstractContextManager[RunLock]:
        """Hold the Lease. Raises LeaseTakenError, which names the pod that holds it."""
        return Lease(*self._lease_of).held()

    def versions_in_use(self) -> set[str]:
        """Give the versions that the API's ReplicaSets pin."""
        return self.deployment.pinned_versions()
