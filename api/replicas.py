"""The replicas of this server: in a cluster a change of the model is a restart of all of them."""

from cluster.settings import ClusterSettings
from serving.cluster_replicas import ClusterReplicas
from serving.replicas import FollowingReplicas, Replicas


def replicas_of(settings: ClusterSettings) -> Replicas:
    """Give all servers that answer under one address. Nothing is asked of the cluster yet."""
    return FollowingReplicas() if settings.cluster_namespace is None else ClusterReplicas(settings)
