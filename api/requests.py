"""What clients may send: list lengths, ids, versions."""

from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

MOST_ANSWERS: Final = 100
MOST_PRODUCTS: Final = 1000
_LONGEST_ID: Final = 1000


def _say_range(value: Any, check: ValidatorFunctionWrapHandler) -> int:  # noqa: ANN401 (anything may be sent)
    # JSON does not tell 10.0 from 10, whatever Python makes of them.
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    try:
        count: int = check(whole)
    except ValidationError:
        raise ValueError(f"must be a whole number from 1 to {MOST_ANSWERS}") from None
    return count


ListLength = Annotated[int, Field(ge=1, le=MOST_ANSWERS), WrapValidator(_say_range)]
K = Annotated[ListLength, Query(description=f"How many products to give, 1 to {MOST_ANSWERS}.", examples=[10])]
EXCLUDE_SEEN: Final = (
    "Whether to leave out what the user already has, as a model trained with EXCLUDE_SEEN=true always does; without "
    "it, lists are as the model was trained to give them."
)
ExcludeSeen = Annotated[bool | None, Query(description=EXCLUDE_SEEN)]
EXPLAIN: Final = "Whether to say which products led to each answer, and how much each adds to its score."
Explain = Annotated[bool, Query(description=EXPLAIN)]
ProductText = Annotated[str, Field(max_length=_LONGEST_ID, examples=["17"])]
UserText = Annotated[str, Field(max_length=_LONGEST_ID, examples=["42"])]


class RollbackRequest(BaseModel):
    """Which version to put back in service; without one, the previous version."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"examples": [{}]})

    version: str | None = Field(
        None, pattern="^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$", examples=["20250105T020000Z-1f3c9a2e"]
    )
