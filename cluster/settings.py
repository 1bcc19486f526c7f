"""Where a process is in a Kubernetes cluster, and what the objects around it are called."""

from pydantic import Field

from runtime.settings import Settings


class ClusterSettings(Settings):
    """The chart sets these. Without `cluster_namespace` a process is on its own and speaks to no cluster.

    `kubeconfig` is for running outside of the cluster; a pod uses its service account.
    """

    cluster_namespace: str | None = None
    pod_name: str = "unknown"
    kubeconfig: str | None = None
    api_deployment: str = "api"
    api_port: int = Field(8000, ge=1, le=65535)
    trainer_cronjob: str = "trainer"
    trainer_lease: str = "trainer"
    rollout_seconds: float = Field(300.0, gt=0, le=86_400)
    rollout_watch_seconds: float = Field(10.0, ge=0, le=3600)
