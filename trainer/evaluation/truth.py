"""T: what each user took up in the holdout, and which places of a list hit it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.ids import Ids
from model.model import Model
from trainer.evaluation.holdout import Holdout
from trainer.evaluation.lists import UNKNOWN, Lists, translated


@dataclass(frozen=True)
class Truth:
    """Users and their products that count: `pairs` are place * n_products + item, rising; `sizes` int64 (n_users,)."""

    users: NDArray[np.int32]
    pairs: NDArray[np.int64]
    sizes: NDArray[np.int64]
    n_products: int

    @classmethod
    def of(cls, holdout: Holdout, n_products: int) -> Self:
        """Take what the holdout has."""
        return cls._without(holdout, np.zeros(len(holdout.items), np.bool_), n_products)

    @classmethod
    def new_to(cls, champion: Model, holdout: Holdout, event_users: Ids, event_products: Ids) -> Self:
        """Leave out what the champion has seen the user with: it would never recommend that."""
        users = translated(holdout.users, event_users, champion.users)
        items = translated(holdout.items, event_products, champion.products)
        is_seen = np.zeros(len(items), np.bool_)
        for place, user in enumerate(users.tolist()):
            if user != UNKNOWN:
                span = slice(holdout.indptr[place], holdout.indptr[place + 1])
                is_seen[span] = np.isin(items[span], champion.histories.of(user)[0])
        return cls._without(holdout, is_seen, len(event_products))

    @classmethod
    def _without(cls, holdout: Holdout, is_seen: NDArray[np.bool_], n_products: int) -> Self:
        places = np.repeat(np.arange(len(holdout.users)), np.diff(holdout.indptr))[~is_seen]
        sizes = np.bincount(places, minlength=len(holdout.users))
        kept = np.flatnonzero(sizes)
        pairs = np.searchsorted(kept, places) * np.int64(n_products) + holdout.items[~is_seen]
        return cls(holdout.users[kept], pairs, sizes[kept], n_products)

    def hits(self, lists: Lists) -> NDArray[np.bool_]:
        """Tell which places of the users' lists hit, bool (n_users, k)."""
        wanted = np.arange(len(lists))[:, None] * np.int64(self.n_products) + lists
        found = self.pairs[np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)]
        hits: NDArray[np.bool_] = (found == wanted) & (lists != UNKNOWN)
        return hits
