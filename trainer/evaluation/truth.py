"""T: what each user took up in the holdout, and which places of a list hit it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids
from model.many_lists import Lists
from model.model import Model
from model.ranking import are_among, cells_of
from model.translation import UNKNOWN, translated
from trainer.evaluation.holdout import Holdout


@dataclass(frozen=True)
class Truth:
    """Users, and the products of each that count, of which there is one at least.

    `users` int32 (n_users,), rising; `pairs` int64 are place * n_products + item, rising, place being the user's in
    `users`; `sizes` int64 (n_users,) is the number of each user's products.
    """

    users: NDArray[np.int32]
    pairs: NDArray[np.int64]
    sizes: NDArray[np.int64]
    n_products: int

    @classmethod
    def of(cls, holdout: Holdout, n_products: int) -> Self:
        """Take all that the holdout has."""
        sizes = np.diff(holdout.indptr)
        places = np.repeat(np.arange(len(holdout.users), dtype=np.int64), sizes)
        return cls(holdout.users, places * n_products + holdout.items, sizes, n_products)

    def new_to(self, champion: Model, event_users: Ids, event_products: Ids) -> Self:
        """Leave out what a model has seen a user with: it would never recommend that."""
        places, own_items = np.divmod(self.pairs, self.n_products)
        items = translated(own_items.astype(np.int32), event_products, champion.products)
        users = translated(self.users, event_users, champion.users)
        seen = cells_of(champion.histories.of_users(users), len(champion.products))
        wanted, back = np.unique(places * len(champion.products) + items, return_inverse=True)
        return self._where(~are_among(seen, wanted)[back] | (items == UNKNOWN))

    def hits(self, lists: Lists) -> NDArray[np.bool_]:
        """Tell which places of the users' lists hit, bool (n_users, k)."""
        wanted = np.arange(len(lists), dtype=np.int64)[:, None] * self.n_products + lists
        found = self.pairs[np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)]
        return np.asarray((found == wanted) & (lists != UNKNOWN))

    def found(self, lists: Lists) -> NDArray[np.bool_]:
        """Tell which pairs stand in the users' lists, bool (n_pairs,)."""
        places = np.arange(len(lists), dtype=np.int64)[:, None] * self.n_products + lists
        return are_among(places[lists != UNKNOWN], self.pairs)

    def _where(self, is_kept: NDArray[np.bool_]) -> Self:
        """Keep pairs, bool (n_pairs,), and the users who have one left."""
        places, items = np.divmod(self.pairs[is_kept], self.n_products)
        sizes = np.bincount(places, minlength=len(self.users))
        users = np.flatnonzero(sizes)
        pairs = np.searchsorted(users, places) * np.int64(self.n_products) + items
        return type(self)(self.users[users], pairs, sizes[users], self.n_products)
