"""Which platform a process of the trainer is on: its settings tell."""

from cluster.settings import ClusterSettings
from registry.settings import StoreSettings
from trainer.platform import Platform


class PlatformSettings(StoreSettings, ClusterSettings):
    """Where a process of the trainer is."""


def platform_of(settings: PlatformSettings) -> Platform:
    """Give the platform that these settings tell of. Raises NotInClusterError."""
    if settings.cluster_namespace is None:
        from trainer.one_machine import OneMachine  # noqa: PLC0415 (only one of the two is there)

        return OneMachine(settings.store_url)
    from trainer.in_cluster import InCluster  # noqa: PLC0415 (the kubernetes client takes 0.3 s to import)

    return InCluster(settings)
