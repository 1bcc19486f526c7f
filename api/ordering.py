"""In which order clients want the products that neighbours lead to, as a query or a body says."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from model.reordering import Ordering

_DIVERSITY: Final = (
    "How much a list avoids products that are like those before them, from 0, not at all, to 1. Scores stay what they "
    "are, only their order changes."
)
_DAMPING: Final = (
    "How much popular products come later than their scores say, from 0, not at all, to 1. Scores stay what they are, "
    "only their order changes."
)


def _say_range(value: Any, check: ValidatorFunctionWrapHandler) -> float:  # noqa: ANN401 (anything may be sent)
    try:
        share: float = check(value)
    except ValidationError:
        raise ValueError("must be a number from 0 to 1") from None
    return share


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, examples=[0.3]), WrapValidator(_say_range)]


class OrderingMembers(BaseModel):
    """What a body may say of the order, and a query in its own way."""

    model_config = ConfigDict(strict=True, extra="forbid")

    diversity: Share = Field(0.0, description=_DIVERSITY)
    popularity_damping: Share = Field(0.0, description=_DAMPING)

    @property
    def ordering(self) -> Ordering:
        """The order that is asked for."""
        return Ordering(self.diversity, self.popularity_damping)
