"""A shop whose customers' true preferences are known, so that it is known too how good a list can be at all.

Products lie in a space around the centres of categories, users are mixtures of a few categories. The affinity of a user
to a product is its log popularity and the product of the two vectors; what users take up is drawn by it, without
putting back (Gumbel's trick), in no particular order. Views are of products that were, or could have been, bought.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ids import IntegerIds
from trainer.events import Events

_SEED: Final = 20250105
_NEWEST: Final = 1_736_035_200  # 2025-01-05T00:00:00Z
_SPAN_SECONDS: Final = 180 * 86_400
_WEIGHTS: Final = np.array([1.0, 0.3], np.float32)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShopOfTastes:
    """How many of each there are, about; a user has `zeal` interactions on average, of which so many are purchases."""

    users: int = 20_000
    products: int = 8_000
    categories: int = 40
    dimensions: int = 16
    zeal: float = 40.0
    purchased_share: float = 0.3
    sharpness: float = 1.8


@dataclass(frozen=True)
class Tastes:
    """What is true of a shop: log popularity (n_products,), and where products and users lie, (n, dimensions)."""

    log_popularity: Floats
    products: Floats
    users: Floats

    def affinities(self, user: int) -> Floats:
        """Give a user's affinity to each product, float64 (n_products,)."""
        affinities: Floats = self.log_popularity + self.products @ self.users[user]
        return affinities


def tastes_of(shop: ShopOfTastes) -> Tastes:
    """Draw what is true of a shop; the same for the same shop."""
    rng = np.random.default_rng(_SEED)
    centres = rng.normal(size=(shop.categories, shop.dimensions))
    products = centres[rng.integers(0, shop.categories, shop.products)]
    products += 0.7 * rng.normal(size=products.shape)
    mixtures = rng.dirichlet(np.full(shop.categories, 0.08), shop.users)
    users = mixtures @ centres + 0.3 * rng.normal(size=(shop.users, shop.dimensions))
    log_popularity = -0.8 * np.log(1 + rng.permutation(shop.products))
    return Tastes(log_popularity, products, shop.sharpness * users / np.sqrt(shop.dimensions))


def events_of(shop: ShopOfTastes, tastes: Tastes) -> Events:
    """Draw what users did; product n has the id n."""
    rng = np.random.default_rng(_SEED + 1)
    n_taken = np.clip(rng.lognormal(np.log(shop.zeal) - 0.5, 1.0, shop.users), 3, shop.products // 8).astype(int)
    taken = [_taken(tastes.affinities(user), int(n), rng) for user, n in enumerate(n_taken)]
    users, products = np.repeat(np.arange(shop.users, dtype=np.int32), n_taken), np.concatenate(taken)
    times = _NEWEST - rng.integers(0, _SPAN_SECONDS, len(users))
    kinds = (rng.random(len(users)) >= shop.purchased_share).astype(np.uint8)
    return Events(
        users=IntegerIds(np.arange(shop.users)),
        products=IntegerIds(np.arange(shop.products)),
        kinds=("purchase", "view"),
        user_idx=users,
        item_idx=products.astype(np.int32),
        weight=_WEIGHTS[kinds],
        occurred_at=times.astype(np.uint32),
        kind=kinds,
    )


def _taken(affinities: Floats, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw n products with chances in proportion to exp(affinity), in random order."""
    drawn = affinities - np.log(-np.log(rng.random(len(affinities))))
    return rng.permutation(np.argpartition(-drawn, n)[:n])
