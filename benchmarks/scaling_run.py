"""What a whole run of the trainer with workers has to do, step by step: tasks, bytes, and amounts of each kind of work.

RECIPE=cosine, an empty store, events of two kinds: so evaluation makes one pass over the events before its cut,
companions one over each kind, and the model one over all. Amounts are what seconds are in proportion to
(benchmarks.scaling_rates).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from benchmarks.generated_shops import GeneratedShop
from benchmarks.scaling_passes import Cluster, Pass
from benchmarks.scaling_shop import Crowd

# Of an event as it is staged: user, product, time and weight, of 4 bytes each (an id that needs it has 8).
EVENT_BYTES: Final = 16
# Neighbours that are kept of a product.
KEPT: Final = 100
_HELD_OUT_DAYS: Final = 7
_DAYS: Final = 365
_COMPANIONS: Final = 200
_KINDS: Final = 2

Amounts = Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """The passes of each step, of a shop and by a cluster; `largest_kind` is the share of the more frequent kind."""

    all: Crowd
    cluster: Cluster
    largest_kind: float
    passes: Mapping[str, tuple[Pass, ...]]

    @classmethod
    def of(cls, shop: GeneratedShop, cluster: Cluster) -> Self:
        """Expect a run on a shop."""
        known, crowd = Crowd.of(shop, 1 - _HELD_OUT_DAYS / _DAYS), Crowd.of(shop)
        views = shop.views / (shop.purchases + shop.views)
        kinds = tuple(Pass.of(Crowd.of(shop, share), cluster, _COMPANIONS) for share in (views, 1 - views))
        passes = {
            "evaluate": (Pass.of(known, cluster, KEPT),),
            "companions": kinds,
            "build": (Pass.of(crowd, cluster, KEPT),),
        }
        return cls(crowd, cluster, max(views, 1 - views), passes)

    @property
    def handed_out(self) -> list[Pass]:
        """The passes that workers make."""
        return [one for some in self.passes.values() for one in some if one.is_handed_out]

    @property
    def blocks(self) -> list[int]:
        """The blocks of each pass."""
        return [one.blocks for one in self.handed_out]

    @property
    def parts(self) -> int:
        """Into how many parts a query is cut: all kinds are read at once, over so many connections in all."""
        return max(1, self.cluster.connections // _KINDS)

    @property
    def tasks(self) -> int:
        """Tasks of all kinds."""
        return _KINDS * self.parts + sum(one.tasks for one in self.handed_out)

    @property
    def event_bytes(self) -> float:
        """What workers stage of events, and the leading process fetches."""
        return EVENT_BYTES * self.all.events

    @property
    def staged_here(self) -> float:
        """What the leading process stages: blocks and rules."""
        return sum(one.block_bytes for one in self.handed_out)

    @property
    def staged_by_workers(self) -> float:
        """What workers stage: events, and what they find."""
        return self.event_bytes + sum(one.found_bytes for one in self.handed_out)

    @property
    def fetched_by_workers(self) -> float:
        """What workers fetch: blocks, and what was found."""
        return sum(one.fetched_bytes for one in self.handed_out)

    @property
    def amounts(self) -> Mapping[str, Amounts]:
        """The work of each step."""
        events, interactions = self.all.events, self.all.interactions
        return {
            "start": {"start": 1},
            "extract": {"read": events * self._reading_share, "code": events, **self._of_events_in_store},
            "evaluate": {"evaluate": events, "first_meetings": 1} | self._of_passes("evaluate"),
            "companions": {"companions": events, "lift": self._found_pairs} | self._of_passes("companions"),
            "matrix": {"matrix": events},
            "build": {"build": interactions} | self._of_passes("build"),
            "publish": {"publish_once": 1, "publish": interactions},
        }

    @property
    def _found_pairs(self) -> float:
        """The pairs whose lifts are compared, at most."""
        return _KINDS * _COMPANIONS * self.all.products

    @property
    def _reading_share(self) -> float:
        """The events that are read in the time of reading, where so many are read at once."""
        at_once = min(self.cluster.connections, self.cluster.workers)
        return max(self.largest_kind / self.parts, 1 / at_once)

    @property
    def _of_events_in_store(self) -> Amounts:
        return {"here": self.event_bytes, "link": self.event_bytes * self._reading_share, "store": 2 * self.event_bytes}

    def _of_passes(self, step: str) -> dict[str, float]:
        total = Counter[str]()
        for one in self.passes[step]:
            total.update(_amounts_of(one, self.cluster))
        return dict(total)


def worker_amounts(one: Pass) -> Amounts:
    """Give what workers do in a pass, all of them together."""
    return {"add": one.crowd.pairs, "list": one.listed, "task": one.tasks}


def _amounts_of(one: Pass, cluster: Cluster) -> Amounts:
    """Give what a pass takes: here threads share it; workers do elsewhere, and at the end half a task is left."""
    if not one.is_handed_out:
        return {"add_here": one.crowd.pairs / cluster.threads_here}
    at_once = cluster.workers * cluster.threads_a_worker
    share = 1 / at_once + 1 / (2 * one.tasks)
    moved = one.fetched_bytes + one.found_bytes
    return {
        **{name: amount * share for name, amount in worker_amounts(one).items()},
        "scan": one.scanned / cluster.threads_here,
        "here": one.block_bytes,
        "link": moved / cluster.workers,
        "store": one.block_bytes + moved,
    }
