"""Whether lists may hold what a user already has, and what that is worth."""

from pydantic import Field

from runtime.settings import Settings

_A_CENTURY_DAYS = 36_500


class BuyAgainSettings(Settings):
    """Lists are of products that are new to a user, unless exclude_seen is false.

    Then what a user comes back for competes with what is new, buy_again_strength being about where the best of both
    meet, and what they last did buy_again_half_life_days ago counts for half (trainer.buy_again).
    """

    exclude_seen: bool = True
    buy_again_strength: float = Field(default=1.0, ge=0, le=1e6)
    buy_again_half_life_days: float | None = Field(default=None, gt=0, le=_A_CENTURY_DAYS)
