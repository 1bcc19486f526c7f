"""A trained model: plain arrays and ids, nothing that knows where they came from."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue
from model.categories import CategoryRows
from model.companions import Companions
from model.histories import Histories
from model.ids import Ids
from model.neighbours import Neighbours

# Of products that may be listed: which ones.
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """Products and users by external id, the products' neighbours and popularity, the users' histories.

    `popularity` float32 (n_products,) is the summed weight of a product's events. `substitutes` and `complements` are
    what shoppers compare a product with and what they buy with it, None where nobody counted. `catalogue` is what the
    shop says of its products, None where nobody asked. `borrowed` are rows for products that too few users had for
    neighbours of their own: they fill a list up before popular products do.
    """

    products: Ids
    users: Ids
    neighbours: Neighbours
    histories: Histories
    popularity: NDArray[np.float32]
    substitutes: Companions | None = None
    complements: Companions | None = None
    catalogue: Catalogue | None = None
    borrowed: Neighbours | None = None

    @cached_property
    def by_popularity(self) -> NDArray[np.int32]:
        """All items, the most popular first, ties by rising idx."""
        return np.argsort(-self.popularity, kind="stable").astype(np.int32)

    @cached_property
    def listable_by_popularity(self) -> NDArray[np.int32]:
        """All that a list could hold, the most popular first, and the catalogue's new products last."""
        n_items = len(self.products)
        return np.concatenate([self.by_popularity, np.arange(n_items, self.n_listable, dtype=np.int32)])

    @cached_property
    def popularity_share(self) -> NDArray[np.float32]:
        """Each product's popularity as a share of the most popular one's, float32 (n_listable,), from 0 to 1."""
        shares, top = np.zeros(self.n_listable, np.float32), self.popularity.max(initial=0.0)
        if top > 0:
            shares[: len(self.products)] = np.maximum(self.popularity, 0) / top
        return shares

    @cached_property
    def category_rows(self) -> CategoryRows | None:
        """The products of each category; None without a catalogue."""
        return None if self.catalogue is None else CategoryRows.of(self.catalogue, self.popularity_share)

    @property
    def n_listable(self) -> int:
        """The number of products that a list could hold: the items, and behind them the catalogue's new products."""
        return len(self.products) + (0 if self.catalogue is None else len(self.catalogue.new_products))

    @cached_property
    def available(self) -> Mask | None:
        """Which products can be bought, bool (n_listable,); None: all of them, as far as anybody knows."""
        if self.catalogue is None or not self.catalogue.n_unavailable:
            return None
        return self.catalogue.available.astype(np.bool_)

    def find(self, product_id: str) -> int | None:
        """Give the position of a product that a list could hold, None where there is no such product."""
        idx = self.products.find(product_id)
        if idx is None and self.catalogue is not None:
            new = self.catalogue.new_products.find(product_id)
            return None if new is None else len(self.products) + new
        return idx

    def at(self, idx: int) -> str:
        """Give the id of a product that a list could hold."""
        n_items = len(self.products)
        if self.catalogue is None or idx < n_items:
            return self.products.at(idx)
        return self.catalogue.new_products.at(idx - n_items)

    @property
    def keeps_histories(self) -> bool:
        """Whether it holds users and what they did, as every model does that was not published without."""
        return len(self.users) > 0

    def without_histories(self) -> Self:
        """Give the same model without anything of any user: it answers for products, baskets and sessions."""
        nobody = np.empty(0, np.intp)
        return replace(self, users=self.users.take(nobody), histories=self.histories.between(0, 0))

    @property
    def n_borrowing(self) -> int:
        """The number of products with rows that are borrowed."""
        return 0 if self.borrowed is None else int(np.count_nonzero(np.diff(self.borrowed.indptr)))

    @property
    def sparsity(self) -> float:
        """Share of the (user, product) pairs without an interaction, from 0 to 1."""
        cells = len(self.users) * len(self.products)
        return 1.0 - self.histories.n_interactions / cells if cells else 1.0
