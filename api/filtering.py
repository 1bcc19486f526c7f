"""Which products clients want in a list: what a query or a body may say, and what is wrong with it."""

from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from api.problems import Kind, Problem
from api.requests import MOST_PRODUCTS, ProductText
from api.validation import in_words, shorten
from model.filters import Filter
from model.model import Mask, Model

_LONGEST_CATEGORY: Final = 1000
_HIGHEST_PRICE: Final = 1e12
_CATEGORY: Final = (
    "Only products of this category, written as in the shop's catalogue; of several, products of any. None are given "
    "of a category that the catalogue does not have."
)
_MIN_PRICE: Final = "Only products that cost no less; none whose price nobody knows."
_MAX_PRICE: Final = "Only products that cost no more; none whose price nobody knows."
_EXCLUDE: Final = "Products that are not to be listed. One that the model does not know does no harm."
_ONLY: Final = "The only products that may be listed. One that the model does not know is left out."
_UNAVAILABLE: Final = "Whether to list what cannot be bought, as the shop's catalogue says."

CategoryNames = Annotated[
    list[Annotated[str, Field(max_length=_LONGEST_CATEGORY, examples=["Coffee"])]], Field(max_length=MOST_PRODUCTS)
]
ProductIds = Annotated[list[ProductText], Field(max_length=MOST_PRODUCTS)]
Price = Annotated[float, Field(ge=0, le=_HIGHEST_PRICE, allow_inf_nan=False)]


class FilterMembers(BaseModel):
    """What a body may say of the products that are wanted, and a query in its own way."""

    model_config = ConfigDict(strict=True, extra="forbid")

    category: CategoryNames | None = Field(None, description=_CATEGORY)
    min_price: Price | None = Field(None, description=_MIN_PRICE)
    max_price: Price | None = Field(None, description=_MAX_PRICE)
    exclude: ProductIds | None = Field(None, description=_EXCLUDE)
    only: ProductIds | None = Field(None, description=_ONLY)
    include_unavailable: bool = Field(False, description=_UNAVAILABLE)  # noqa: FBT003 (what it is by default)

    def allowed(self, model: Model) -> Mask | None:
        """Give the products that may be listed, None: all. Raises the Problem of a filter that cannot be held to."""
        if self._asks_for_nothing:
            return model.available
        _check(self, model)
        return self._filter.allowed(model)

    @cached_property
    def _asks_for_nothing(self) -> bool:
        return self._filter == Filter()

    @cached_property
    def _filter(self) -> Filter:
        return Filter(
            None if self.category is None else frozenset(self.category),
            self.min_price,
            self.max_price,
            None if self.only is None else tuple(self.only),
            tuple(self.exclude or ()),
            self.include_unavailable,
        )


def _check(asked: FilterMembers, model: Model) -> None:
    if asked.min_price is not None and asked.max_price is not None and asked.min_price > asked.max_price:
        raise _wrong("min_price", "must not be above max_price", asked.min_price)
    of_catalogue = {"category": asked.category, "min_price": asked.min_price, "max_price": asked.max_price}
    for field, value in of_catalogue.items():
        if value is not None and model.catalogue is None:
            raise _wrong(
                field, "cannot be told, since the model was trained without a catalogue (CATALOGUE_SQL)", value
            )


def _wrong(field: str, problem: str, given: object) -> Problem:
    wrong = {"field": field, "problem": problem, "given": shorten(given)}
    return Problem(Kind.INVALID_REQUEST, in_words([wrong]), errors=[wrong])
