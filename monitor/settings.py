"""The monitor's settings: where the store and the cluster are, what counts as unwell, and whom to tell."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from cluster.settings import ClusterSettings
from model.soundness import SoundnessLimits
from registry.settings import StoreSettings


class DriftLimits(SoundnessLimits):
    """What may change without a warning: from version to version, against what is usual, and over `trend_runs` runs.

    Shares are from 0 to 1, and `max_event_mix_change` is a factor.
    """

    min_neighbour_overlap: float = Field(default=0.5, ge=0, le=1)
    max_event_mix_change: float = Field(default=2.0, ge=1)
    max_sudden_change: float = Field(default=0.5, gt=0)
    max_concentration_rise: float = Field(default=0.1, gt=0, le=1)
    max_unknown_products_share: float = Field(default=0.2, ge=0, le=1)
    min_hit_rate_lead: float = Field(default=0.0, ge=-1, le=1)
    trend_runs: int = Field(default=8, ge=4, le=100)
    max_duration_growth: float = Field(default=1.0, gt=0)
    max_size_loss: float = Field(default=0.3, gt=0, le=1)
    max_quality_loss: float = Field(default=0.3, gt=0, le=1)


class MonitorSettings(StoreSettings, ClusterSettings, DriftLimits):
    """The limits of a healthy model; environment names are the fields' names in capitals.

    Below min_users or min_products a model is unhealthy, and so is one that max_failed_runs runs and one more could not
    renew; beyond another limit it is degraded. `monitor_heal`: in a cluster, bring current.json and the replicas' pin
    together where they differ. `runbook_url` is where docs/runbooks is to be found. `monitor_webhook_url` gets what
    changed; in it may be a secret.
    """

    max_model_age_days: float = Field(default=7.0, gt=0)
    max_data_age_days: float = Field(default=10.0, gt=0)
    max_export_lag_days: float = Field(default=3.0, gt=0)
    max_unchanged_events_days: float = Field(default=2.0, gt=0)
    min_interactions: int = Field(default=100, ge=0)
    min_similarity_density: float = Field(default=0.0, ge=0, le=1)
    max_failed_runs: int = Field(default=2, ge=0)
    max_rejected_runs: int = Field(default=2, ge=0)
    max_unpromoted_runs: int = Field(default=4, ge=0)
    max_missed_runs: int = Field(default=0, ge=0)
    runbook_url: str = "docs/runbooks"
    monitor_heal: bool = True
    monitor_webhook_url: SecretStr | None = None
    monitor_webhook_format: Literal["slack", "generic"] = "slack"

    @field_validator("monitor_webhook_url")
    @classmethod
    def _check_webhook_url(cls, url: SecretStr | None) -> SecretStr | None:
        """Drop the line end that a secret made from a file ends with."""
        if url is None:
            return None
        stripped = url.get_secret_value().strip()
        if not _is_address(stripped):
            raise ValueError("must be http://… or https://…")
        return SecretStr(stripped)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
