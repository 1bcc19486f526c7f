"""Where a process is in a Kubernetes cluster, and what the objects around it are called."""

from typing import Final

from pydantic import Field, SecretStr, field_validator

from runtime.settings import Settings

# Of the pods of an Indexed Job, the one whose success is the Job's: successPolicy in the chart.
LEADING_INDEX: Final = 0


class ClusterSettings(Settings):
    """The chart sets these. Without `cluster_namespace` a process is on its own and speaks to no cluster.

    `kubeconfig` is for running outside of the cluster; a pod uses its service account. `metrics_token`: what the
    API's /metrics asks for, and what the trainer shows it.
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
    metrics_token: SecretStr | None = None

    @field_validator("metrics_token")
    @classmethod
    def _strip_metrics_token(cls, token: SecretStr | None) -> SecretStr | None:
        """Drop the line end that a secret made from a file ends with: no HTTP header could carry it."""
        if token is None:
            return None
        stripped = token.get_secret_value().strip()
        if not stripped or not all("!" <= character <= "~" for character in stripped):
            raise ValueError("must be one token of ASCII letters, digits and signs")
        return SecretStr(stripped)
