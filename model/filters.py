"""Which products a list may hold, as one mask that everything is held against before the best are picked."""

from dataclasses import dataclass

import numpy as np

from model.catalogue import NO_PRICE, Catalogue
from model.model import Mask, Model


@dataclass(frozen=True)
class Filter:
    """What a product must be to stand in a list; None: anything.

    `categories`: it is in one of them. `min_price` and `max_price`, in the shop's currency: it costs no less and no
    more, to the precision of float32. A product whose category or price nobody knows is not what was asked for.
    `only` are the ids it must be one of, `excluded` those it must not be.
    """

    categories: frozenset[str] | None = None
    min_price: float | None = None
    max_price: float | None = None
    only: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    include_unavailable: bool = False

    @property
    def needs_catalogue(self) -> bool:
        """Whether only the shop's catalogue can tell what is asked for."""
        return self.categories is not None or self.min_price is not None or self.max_price is not None

    def allowed(self, model: Model) -> Mask | None:
        """Give the products that may be listed, bool (model.n_listable,), to be read only; None: all of them.

        Raises ValueError where a catalogue is needed and the model has none.
        """
        masks = [] if self.include_unavailable or model.available is None else [model.available]
        if self.needs_catalogue:
            masks += self._in_catalogue(model.catalogue)
        if self.only is not None:
            masks.append(_named(model, self.only))
        if self.excluded:
            masks.append(~_named(model, self.excluded))
        if not masks:
            return None
        together, *others = masks
        for mask in others:
            together = together & mask
        return together

    def _in_catalogue(self, catalogue: Catalogue | None) -> list[Mask]:
        if catalogue is None:
            raise ValueError("the model has no catalogue, which alone tells categories and prices")
        masks = []
        if self.categories is not None:
            found = (catalogue.categories.find(one) for one in self.categories)
            masks.append(np.isin(catalogue.category, [one for one in found if one is not None]))
        if self.min_price is not None or self.max_price is not None:
            masks.append(catalogue.price != NO_PRICE)
        if self.min_price is not None:
            masks.append(catalogue.price >= np.float32(self.min_price))
        if self.max_price is not None:
            masks.append(catalogue.price <= np.float32(self.max_price))
        return masks


def _named(model: Model, product_ids: tuple[str, ...]) -> Mask:
    """Tell which products have one of these ids; an id that nobody knows names none."""
    found = (model.find(product_id) for product_id in product_ids)
    is_named = np.zeros(model.n_listable, np.bool_)
    is_named[[idx for idx in found if idx is not None]] = True
    return is_named
