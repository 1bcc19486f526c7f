"""How large a shop is, in the numbers that a run's memory and time depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from registry.history import Run

# Few shops have as few.
_EVENTS_A_USER: Final = 4


@dataclass(frozen=True)
class ShopSize:
    """Counts of a shop: `events` by kind; `interactions` are distinct (user, product) pairs.

    `additions` is the sum over users of the square of their number of products, which is what the similarity kernel
    adds up; `co_occurring` is how many ordered pairs of products share a user, `neighbours` how many a model keeps.
    """

    events: Mapping[str, int]
    users: float = 0.0
    products: float = 0.0
    interactions: float = 0.0
    additions: float = 0.0
    co_occurring: float = 0.0
    neighbours: float = 0.0
    has_text_ids: bool = False

    @property
    def n_events(self) -> int:
        """Events of all kinds."""
        return sum(self.events.values())

    @property
    def kinds(self) -> int:
        """The number of kinds that there are events of, 1 at least."""
        return max(1, sum(count > 0 for count in self.events.values()))

    @property
    def kind_interactions(self) -> float:
        """Distinct (user, kind, product), at most."""
        return max(self.interactions, min(self.kinds * self.interactions, float(self.n_events)))

    def at_worst(self) -> "ShopSize":
        """Give this shop where all of its size is known, else one in which every event is of another pair."""
        if self.interactions:
            return self
        return replace(self, users=self.n_events / _EVENTS_A_USER, interactions=float(self.n_events))

    def grown_to(self, events: Mapping[str, int]) -> "ShopSize":
        """Give a shop of the same make with other events: of all else there is as many times as much."""
        factor = sum(events.values()) / max(1, self.n_events)
        return replace(self, events=events, **{name: factor * getattr(self, name) for name in _GROWING})

    def with_kernel_work_of(self, other: "ShopSize") -> "ShopSize":
        """Give this shop with the work that the kernel has where users are as unequal as in another."""
        factor = self.evenly_shared_additions / max(1.0, other.evenly_shared_additions)
        return replace(self, additions=factor * other.additions, co_occurring=factor * other.co_occurring)

    @property
    def evenly_shared_additions(self) -> float:
        """The additions that there were if all users had as many products."""
        return self.interactions**2 / max(1.0, self.users)


_GROWING: Final = ("users", "products", "interactions", "additions", "co_occurring", "neighbours")


def size_of_run(run: Run) -> ShopSize | None:
    """Give the size of what a run was made of, as far as it says (not the kernel's work), None where it does not."""
    if not (run.events and run.n_users and run.n_products and run.n_interactions):
        return None
    neighbours = (run.similarity_density or 0.0) * run.n_products * (run.n_products - 1)
    return ShopSize(run.events, run.n_users, run.n_products, run.n_interactions, neighbours=neighbours)
