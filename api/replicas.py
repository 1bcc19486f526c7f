"""The replicas of this server: in a cluster a change of the model is a restart of all of them."""

from cluster.settings import ClusterSettings


class Replicas:
    """All servers that answer under one address."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings

    def restart_with(self, version: str) -> None:
        """Restart the replicas one after the other, pinned to a version; where there is no cluster, do nothing.

        Raises NotInClusterError, ClusterRefusedError, ClusterUnavailableError.
        """
        if self._settings.cluster_namespace is None:
            return
        from cluster.api_deployment import ApiDeployment  # noqa: PLC0415 (the client takes a second and 28 MB)
        from cluster.connection import connect  # noqa: PLC0415

        deployment = ApiDeployment(connect(self._settings), self._settings.api_deployment)
        deployment.pin(version, f"rollback to model {version}")
