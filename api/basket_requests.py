"""What clients may send of a basket or a session."""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.filtering import FilterMembers
from api.list_queries import EXCLUDE_SEEN
from api.ordering import OrderingMembers
from api.requests import MOST_PRODUCTS, Explain, ListLength, ProductText, UserText

_LONGEST_KIND: Final = 100
_USER: Final = "Whose basket or session it is: what the model knows of them counts too, and what is sent came since."


class SessionEvent(BaseModel):
    """One thing that happened in a session."""

    model_config = ConfigDict(strict=True, extra="forbid")

    product_id: ProductText
    event: str = Field(
        max_length=_LONGEST_KIND,
        description="A kind of event that the model was trained on; it counts as it did there.",
        examples=["view"],
    )


class BasketRequest(FilterMembers, OrderingMembers):
    """The products of a basket, each counting the same, or the events of a session, and whose they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"title": "Basket", "description": "Products, each counting the same.", "required": ["products"]},
                {"title": "Session", "description": "What happened, in any order.", "required": ["events"]},
            ],
            "examples": [
                {"products": ["17", "23"], "k": 10},
                {"events": [{"product_id": "17", "event": "view"}, {"product_id": "23", "event": "purchase"}]},
                {"products": ["17"], "exclude": ["23"]},
                {"user_id": "42", "events": [{"product_id": "17", "event": "view"}], "diversity": 0.3},
            ],
        },
    )

    products: list[ProductText] = Field([], max_length=MOST_PRODUCTS)
    events: list[SessionEvent] = Field([], max_length=MOST_PRODUCTS)
    user_id: UserText | None = Field(None, description=_USER)
    exclude_seen: bool | None = Field(None, description=f"{EXCLUDE_SEEN} It says nothing without `user_id`.")
    k: ListLength = 10
    explain: Explain = False

    @model_validator(mode="after")
    def _check_one_of_two(self) -> Self:
        if len({"products", "events"} & self.model_fields_set) != 1:
            raise ValueError("give either `products` or `events`")
        return self
