"""A shop whose events are computed, some at a time: what any user has can be said again without having kept it.

Products are in aisles of equally many; a user has one of each aisle. Each product belongs to the family of those that
stand at the same place of their aisle, and a user prefers one family: a quarter of what they have is of it, the rest is
chance. So the nearest to a product are those of its family, and no other comes near.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from model.ids import IntegerIds
from trainer.arrays.scratch import Scratch
from trainer.events import Events

AISLES: Final = 30
FAMILIES: Final = 3_333
N_PRODUCTS: Final = AISLES * FAMILIES
# So many users come at about the same time: all take from the first aisle, then all from the second, and so on.
_USERS_AT_ONCE: Final = 1 << 18
_OF_OWN_FAMILY: Final = 4
_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)

Items = NDArray[np.int32]


@dataclass(frozen=True)
class HugeShop:
    """So many users, each with an event of weight 1 with AISLES products."""

    n_users: int

    @property
    def n_events(self) -> int:
        """The number of events, and of interactions."""
        return AISLES * self.n_users

    @property
    def users_of_pairs(self) -> int:
        """How many users have two products of one family since they prefer it, about."""
        return self.n_users // (FAMILIES * _OF_OWN_FAMILY**2)

    @property
    def users(self) -> IntegerIds:
        """All users' ids."""
        return IntegerIds(np.arange(self.n_users))

    @property
    def products(self) -> IntegerIds:
        """All products' ids."""
        return IntegerIds(np.arange(N_PRODUCTS))

    def products_of(self, user: int) -> Items:
        """Give what a user has, rising, int32 (AISLES,)."""
        users, items = np.empty(AISLES, np.int32), np.empty(AISLES, np.int32)
        _write_events(user, 1, users, items)
        return items

    def events(self, scratch: Scratch) -> Events:
        """Write the events' users and products into the scratch; weights and times are one number, seen as a column."""
        user_idx, item_idx = scratch.column(np.int32), scratch.column(np.int32)
        for first in range(0, self.n_users, _USERS_AT_ONCE):
            n = min(_USERS_AT_ONCE, self.n_users - first)
            users, items = np.empty(n * AISLES, np.int32), np.empty(n * AISLES, np.int32)
            _write_events(first, n, users, items)
            user_idx.append(users)
            item_idx.append(items)
        return Events(
            self.users,
            self.products,
            ("purchase",),
            user_idx.finish(),
            item_idx.finish(),
            np.broadcast_to(np.float32(1), self.n_events),
            np.broadcast_to(np.uint32(0), self.n_events),
            np.broadcast_to(np.uint8(0), self.n_events),
            scratch,
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _write_events(first: int, n: int, user_idx: Items, item_idx: Items) -> None:
    """Write the events of n users, aisle by aisle."""
    for aisle in range(AISLES):
        for number in range(n):
            user = np.uint64(first + number)
            drawn = _mixed(user * np.uint64(AISLES + 1) + np.uint64(aisle))
            is_own = drawn % np.uint64(_OF_OWN_FAMILY) == np.uint64(0)
            chance = _mixed(user * np.uint64(AISLES + 1) + np.uint64(AISLES)) if is_own else drawn >> np.uint64(8)
            user_idx[aisle * n + number] = first + number
            item_idx[aisle * n + number] = aisle * FAMILIES + np.int64(chance % np.uint64(FAMILIES))


@njit(cache=True, nogil=True, error_model="numpy")
def _mixed(number: np.uint64) -> np.uint64:
    """Give a number's place in a sequence of chance: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = np.uint64(number * _GOLDEN)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
