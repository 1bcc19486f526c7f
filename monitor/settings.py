"""The monitor's settings: where the store is, and what counts as unwell."""

from pydantic import Field

from registry.settings import StoreSettings


class MonitorSettings(StoreSettings):
    """The limits of a healthy model; environment names are the fields' names in capitals.

    Above max_model_age_days or max_sparsity a model is degraded, below min_users or min_products it is unhealthy.
    """

    max_model_age_days: float = Field(default=7.0, gt=0)
    min_users: int = Field(default=50, ge=1)
    min_products: int = Field(default=10, ge=2)
    max_sparsity: float = Field(default=0.99, ge=0, le=1)
