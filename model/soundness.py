"""What makes a model sound enough to serve: the limits that the trainer asks for and the monitor watches."""

from pydantic import Field

from runtime.settings import Settings


class SoundnessLimits(Settings):
    """Fewer users or products than this are no model; above max_sparsity few pairs carry evidence."""

    min_users: int = Field(default=50, ge=1)
    min_products: int = Field(default=10, ge=2)
    max_sparsity: float = Field(default=0.99, ge=0, le=1)
