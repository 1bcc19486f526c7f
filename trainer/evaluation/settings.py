"""What a recipe is tried on."""

from pydantic import Field

from trainer.buy_again_settings import BuyAgainSettings


class EvaluationSettings(BuyAgainSettings):
    """Lists of evaluation_k products for at most holdout_users users.

    The holdout begins where the champion's data end; where fewer than holdout_min_users users did something new since,
    it is the last holdout_days days. What users had before counts where lists may hold it.
    """

    evaluation_k: int = Field(default=10, ge=1, le=1000)
    holdout_days: float = Field(default=7.0, gt=0, le=3650)
    holdout_users: int = Field(default=1000, ge=10)
    holdout_min_users: int = Field(default=50, ge=2)
