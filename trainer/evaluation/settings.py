"""What a recipe is tried on."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from trainer.buy_again_settings import BuyAgainSettings


def _names(given: object) -> object:
    """Read names between commas."""
    return tuple(name.strip() for name in given.split(",")) if isinstance(given, str) else given


Kinds = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class EvaluationSettings(BuyAgainSettings):
    """Lists of evaluation_k products for at most holdout_users users.

    The holdout begins where the champion's data end; where fewer than holdout_min_users users did something new since,
    it is the last holdout_days days. What users had before counts where lists may hold it. What was done to a product
    counts where it is of the holdout_kinds of events, and whatever it was where none is named.
    """

    evaluation_k: int = Field(default=10, ge=1, le=1000)
    holdout_kinds: Kinds = ()
    holdout_days: float = Field(default=7.0, gt=0, le=3650)
    holdout_users: int = Field(default=1000, ge=10)
    holdout_min_users: int = Field(default=50, ge=2)
