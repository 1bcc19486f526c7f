"""A shop in which looking and buying mean different things: who wants one product looks at several like it.

A session is about a category. A target is drawn by the user's taste; what is near to it is looked at too, and so is
some of the front page, whatever the taste. Some sessions end in a purchase of the target, after which the category is
done with where products are durable, and some of these are followed by what goes with it, from the partner category.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ids import IntegerIds
from trainer.events import Events

_SEED: Final = 20250105
_NEWEST: Final = 1_736_035_200  # 2025-01-05T00:00:00Z
_SPAN_SECONDS: Final = 180 * 86_400
_FOLLOWING_SECONDS: Final = 14 * 86_400
_WEIGHTS: Final = np.array([1.0, 0.3], np.float32)
_DIMENSIONS: Final = 8
_PURCHASE, _VIEW = 0, 1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ShopOfSessions:
    """How many of each there are; `looked` products beside the target are looked at in each of a user's sessions.

    Of the views `noise` are of the front page, in times of the others; shares of sessions end in a purchase, and of
    purchases are followed by another.
    """

    users: int = 10_000
    products: int = 2_000
    categories: int = 40
    sessions: float = 8.0
    looked: float = 4.0
    noise: float = 0.3
    buying: float = 0.4
    following: float = 0.6
    is_durable: bool = True


@dataclass(frozen=True)
class _World:
    """What is true of products: where they lie, how famous they are, and what goes with what."""

    places: Floats
    fame: Floats
    front_page: Floats
    members: list[Ints]
    partners: Ints
    turn: Floats

    @classmethod
    def of(cls, shop: ShopOfSessions, rng: np.random.Generator) -> "_World":
        category = rng.integers(0, shop.categories, shop.products)
        front_page = 1 / (1.0 + rng.permutation(shop.products))
        return cls(
            places=0.7 * rng.normal(size=(shop.products, _DIMENSIONS)),
            fame=-0.7 * np.log(1 + rng.permutation(shop.products)),
            front_page=front_page / front_page.sum(),
            members=[np.flatnonzero(category == number) for number in range(shop.categories)],
            partners=rng.permutation(shop.categories),
            turn=rng.normal(size=(_DIMENSIONS, _DIMENSIONS)) / np.sqrt(_DIMENSIONS),
        )

    def near(self, members: Ints, place: Floats, n: int, rng: np.random.Generator) -> Ints:
        """Draw products that lie near to a place, the famous ones sooner."""
        distances = np.sum((self.places[members] - place) ** 2, axis=1)
        return _drawn(members, 0.5 * self.fame[members] - 2 * distances, n, rng)


@dataclass(frozen=True)
class _Visits:
    """What is drawn, and the rows (user, item, time, kind) that were drawn so far."""

    shop: ShopOfSessions
    world: _World
    rng: np.random.Generator
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)

    def draw(self, user: int, n_sessions: int) -> None:
        """Draw a user's sessions."""
        rng, shop = self.rng, self.shop
        interests = 0.95 * rng.dirichlet(np.full(shop.categories, 0.15)) + 0.05 / shop.categories
        taste = rng.normal(size=_DIMENSIONS)
        for time in np.sort(_NEWEST - rng.integers(0, _SPAN_SECONDS, n_sessions)).tolist():
            category = int(rng.choice(shop.categories, p=interests / interests.sum()))
            target = self._look_round(user, time, self.world.members[category], taste)
            if rng.random() < shop.buying:
                self._buy(user, time, target, category)
                interests[category] *= not shop.is_durable
            if not interests.any():
                return

    def _look_round(self, user: int, time: int, members: Ints, taste: Floats) -> int:
        """Log the views of a session, and give its target."""
        rng, world = self.rng, self.world
        liking = 3 * world.places[members] @ taste / np.sqrt(_DIMENSIONS)
        target = int(_drawn(members, world.fame[members] + liking, 1, rng)[0])
        near = world.near(members, world.places[target], 1 + rng.poisson(self.shop.looked), rng)
        by_the_way = rng.choice(self.shop.products, rng.poisson(self.shop.noise * len(near)), p=world.front_page)
        for place, item in enumerate(dict.fromkeys([*near.tolist(), target, *by_the_way.tolist()])):
            self._log(user, item, time + 20 * place, _VIEW)
        return target

    def _buy(self, user: int, time: int, target: int, category: int) -> None:
        rng, world = self.rng, self.world
        self._log(user, target, time + 600, _PURCHASE)
        if rng.random() < self.shop.following:
            partner = world.members[world.partners[category]]
            follower = int(world.near(partner, world.places[target] @ world.turn, 1, rng)[0])
            self._log(user, follower, time + int(rng.integers(3600, _FOLLOWING_SECONDS)), _PURCHASE)

    def _log(self, user: int, item: int, time: int, kind: int) -> None:
        if time <= _NEWEST:
            self.rows.append((user, item, time, kind))


def events_of(shop: ShopOfSessions) -> Events:
    """Draw what users did; product n has the id n."""
    rng = np.random.default_rng(_SEED)
    visits = _Visits(shop, _World.of(shop, rng), rng)
    n_sessions = np.clip(rng.lognormal(np.log(shop.sessions) - 0.3, 0.8, shop.users), 1, 60).astype(int)
    for user in range(shop.users):
        visits.draw(user, int(n_sessions[user]))
    users, items, times, kinds = np.array(visits.rows).T
    return Events(
        users=IntegerIds(np.arange(shop.users)),
        products=IntegerIds(np.arange(shop.products)),
        kinds=("purchase", "view"),
        user_idx=users.astype(np.int32),
        item_idx=items.astype(np.int32),
        weight=_WEIGHTS[kinds],
        occurred_at=times.astype(np.uint32),
        kind=kinds.astype(np.uint8),
    ).without_unused_ids()


def _drawn(members: Ints, affinities: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw n with chances in proportion to exp(affinity), none twice (Gumbel's trick)."""
    return members[np.argsort(np.log(-np.log(rng.random(len(members)))) - affinities)[:n]]
