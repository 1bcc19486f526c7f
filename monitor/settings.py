"""The monitor's settings: where the store and the cluster are, and what counts as unwell."""

from pydantic import Field

from cluster.settings import ClusterSettings
from model.soundness import SoundnessLimits
from registry.settings import StoreSettings


class MonitorSettings(StoreSettings, ClusterSettings, SoundnessLimits):
    """The limits of a healthy model; environment names are the fields' names in capitals.

    Above max_model_age_days or max_sparsity a model is degraded, below min_users or min_products it is unhealthy.
    `monitor_heal`: in a cluster, bring current.json and the replicas' pin together where they differ.
    """

    max_model_age_days: float = Field(default=7.0, gt=0)
    monitor_heal: bool = True
