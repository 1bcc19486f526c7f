"""What a shop may say of the gate's rules."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from runtime.settings import Settings


class Action(StrEnum):
    """What happens where a candidate breaks a rule; a rule that is off is not looked at."""

    OFF = "off"
    WARN = "warn"
    REJECT = "reject"


class RuleSettings(BaseModel):
    """What GATE may say of one rule; what it does not say stays as it is in the table of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action | None = None
    threshold: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class GateSettings(Settings):
    """The gate's rules by name, and how a person overrules them.

    `force` is the reason for which a candidate goes live whatever the gate says.
    """

    gate: dict[str, RuleSettings] = Field(default_factory=dict)
    force: str | None = None
