"""What to expect of a shop that nobody has: interactions, users of each product, and pairs, by how unequal all are.

Users and products are those of benchmarks.generated_shops: a user's events are in proportion to a log-normal zeal, a
product's to rank^-0.7, and who takes what is chance. A user of l events has a product of share f with probability
1 - exp(-l f); sums over users are integrals over a normal variable (Gauss-Hermite).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.generated_shops import GeneratedShop

_FAME_EXPONENT: Final = 0.7
_NODES: Final = 40
# Products of about as many users are taken together.
_GROUPS: Final = 600

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crowd:
    """Users and what they have, as one matrix of them holds it.

    `n_users` float64 (n_products,) is by falling rank, `lengths` float64 (n,) how many products users of each kind
    have, and `shares` float64 (n,) which part of all users is of that kind. `pairs` are a user's pairs of products, of
    all users.
    """

    events: float
    users: float
    n_users: Floats
    pairs: float
    lengths: Floats
    shares: Floats

    @classmethod
    def of(cls, shop: GeneratedShop, share: float = 1.0) -> Self:
        """Expect the matrix of a share of a shop's events."""
        events = share * (shop.purchases + shop.views)
        at, shares = np.polynomial.hermite_e.hermegauss(_NODES)
        shares = shares / shares.sum()
        zeal = np.exp(shop.zeal * at - shop.zeal**2 / 2)
        fame, products = _fame(shop.products)
        has: Floats = -np.expm1(-np.outer(events / shop.users * zeal, fame))
        lengths: Floats = has @ products
        pairs = shares @ (lengths**2 - has**2 @ products) / 2
        n_users = np.repeat(shop.users * (shares @ has), products)
        return cls(events, shop.users, n_users, shop.users * float(pairs), lengths, shares)

    @property
    def products(self) -> int:
        """The number of products."""
        return len(self.n_users)

    @property
    def interactions(self) -> float:
        """The number of (user, product) pairs."""
        return float(self.n_users.sum())

    def users_of(self, interactions: float) -> float:
        """Give how many users have one at least of some products that have so many of the interactions."""
        share = interactions / self.interactions
        return float(self.users * (self.shares @ -np.expm1(-self.lengths * share)))


def _fame(n_products: int) -> tuple[Floats, NDArray[np.int64]]:
    """Give the share of events that a product of each group has, and how many products a group has."""
    edges = np.unique(np.geomspace(1, n_products + 1, _GROUPS).astype(np.int64))
    running = np.concatenate([[0.0], np.cumsum(np.arange(1, n_products + 1) ** -_FAME_EXPONENT)])
    sizes = np.diff(edges)
    return np.diff(running[edges - 1]) / sizes / running[-1], sizes
