"""What clients may ask of a list in a query: one model for each kind of list, which checks and describes it."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.filtering import FilterMembers
from api.ordering import OrderingMembers
from api.requests import MOST_ANSWERS, Explain, ListLength

EXCLUDE_SEEN: Final = (
    "Whether to leave out what the user already has, as a model trained with EXCLUDE_SEEN=true always "
    "does; without it, lists are as the model was trained to give them."
)
# In a query numbers are text, and a parameter that nobody knows does no harm.
_OF_A_QUERY = ConfigDict(strict=False, extra="ignore", frozen=True)


class _Length(BaseModel):
    k: ListLength = Field(10, description=f"How many products to give, 1 to {MOST_ANSWERS}.", examples=[10])


class _Explained(_Length):
    explain: Explain = False


class _OfUser(_Length):
    exclude_seen: bool | None = Field(None, description=EXCLUDE_SEEN)
    explain: Explain = False


class ListQuery(FilterMembers, _Length):
    """What every list may be asked for."""

    model_config = _OF_A_QUERY


class ProductQuery(FilterMembers, OrderingMembers, _Explained):
    """What a product's list may be asked for."""

    model_config = _OF_A_QUERY


class UserQuery(FilterMembers, OrderingMembers, _OfUser):
    """What a user's list may be asked for."""

    model_config = _OF_A_QUERY


AskedOfList = Annotated[ListQuery, Query()]
AskedOfProduct = Annotated[ProductQuery, Query()]
AskedOfUser = Annotated[UserQuery, Query()]
