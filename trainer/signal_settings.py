"""What an event says of a user's taste: how long it counts, and what repeating it adds."""

from typing import Literal

from pydantic import Field

from runtime.settings import Settings

Repeats = Literal["sum", "log", "cap", "binary"]
Kinds = Literal["together", "apart", "paths"]
Quantity = Literal["ignore", "sum", "log"]
_A_CENTURY_DAYS = 36_500


class SignalSettings(Settings):
    """How the events of a pair of user and product become one number.

    Each weighs half as much half_life_days later, and nothing once it is window_days older than the newest; `repeats`
    says what their sum becomes (trainer.signal). `quantity` is what a row of several units counts (trainer.reading),
    `kinds` whether similarities are made of all kinds of events together, of each by itself, or of what leads to what
    was bought (trainer.kinds).
    """

    kinds: Kinds = "together"
    quantity: Quantity = "ignore"
    repeats: Repeats = "sum"
    half_life_days: float | None = Field(default=None, gt=0, le=_A_CENTURY_DAYS)
    window_days: float | None = Field(default=None, gt=0, le=_A_CENTURY_DAYS)
