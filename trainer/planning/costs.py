"""What each step of a run costs: one row a step, seconds and bytes by what drives them.

`python -m benchmarks.planning --fit` measures runs on generated shops and prints this table anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from trainer.planning.size import ShopSize

_MILLION: Final = 1e6
# Of local ridge: the lower triangle of 200 neighbours, and how much of all triangles is held at a time.
_CELLS_A_SYSTEM: Final = 20_100
_MOST_CELLS: Final = (128 << 20) / 4


@dataclass(frozen=True)
class Drivers:
    """What costs are in proportion to; `once` is 1, and the others are counted in millions.

    `additions` and `co_occurring` are those of one thread of the kernel, `accumulators` are products times threads,
    `text_ids` are the users and products of a shop whose ids are text. `systems` are those that local ridge solves, one
    a product, and `system_cells` what is held of them at a time. RECIPE=auto may take it, so that a plan counts it in,
    as it does KINDS=paths: `kind_interactions` and `kind_products` are how many more (user, kind, product) and
    (kind, product) there may be than (user, product) and products, none where all events are of one kind.
    """

    once: float
    events: float
    users: float
    products: float
    interactions: float
    additions: float
    co_occurring: float
    neighbours: float
    accumulators: float
    text_ids: float
    systems: float
    system_cells: float
    kind_interactions: float
    kind_products: float

    @classmethod
    def of(cls, size: ShopSize, threads: int) -> "Drivers":
        """Give the drivers of a run on a shop."""
        counts = {
            "events": size.n_events,
            "users": size.users,
            "products": size.products,
            "interactions": size.interactions,
            "additions": size.additions / threads,
            "co_occurring": size.co_occurring / threads,
            "neighbours": size.neighbours,
            "accumulators": size.products * threads,
            "text_ids": (size.users + size.products) if size.has_text_ids else 0,
            "systems": size.products / threads,
            "system_cells": min(size.products * _CELLS_A_SYSTEM, _MOST_CELLS),
            "kind_interactions": size.kind_interactions - size.interactions,
            "kind_products": (size.kinds - 1) * size.products,
        }
        return cls(1.0, **{name: count / _MILLION for name, count in counts.items()})

    def cost(self, rates: Mapping[str, float]) -> float:
        """Sum up each rate times its driver."""
        return sum(rate * float(getattr(self, name)) for name, rate in rates.items())


DRIVERS: Final = tuple(field.name for field in fields(Drivers))


@dataclass(frozen=True)
class StepCost:
    """The seconds of a step, and the megabytes that the process holds at the step's peak, by driver."""

    step: str
    seconds: Mapping[str, float]
    megabytes: Mapping[str, float]


MEASURED_ON: Final = "constants measured on 2 cores of AMD EPYC, 2026-11-26"

# What of the megabytes are pages of the program's own files, such as Numba's: the system takes them back before it
# kills a process.
FILE_MEGABYTES: Final = 164

# What a run holds besides its arrays where those are on disk: the most of all its steps. Set by hand, on the safe side
# of what shops of 10 and 30 million interactions were seen to live on (benchmarks/growth.py --limit).
SPILLED_MEGABYTES: Final = {
    "once": 300,
    "events": 3,
    "users": 80,
    "products": 3600,
    "neighbours": 25,
    "text_ids": 211,
    "kind_products": 3600,
}

# Steps that are not here cost nothing that grows with a shop, or, as `catalogue` does, far less than another step holds
# and takes for the same products (1 kB and 10 µs for one). `start` is Python's start, imports and end, and loading
# what is compiled. Customers of generated shops have no tastes, so that local ridge is tried there and never taken:
# what it holds is set by hand, and half of the seconds that it takes on the Complete Journey, where it is taken.
#
# KINDS=paths is set by hand too. Its matrix has the interactions of all kinds: 8 bytes each, 28 while the kernel has
# them laid out, next to the matrix of all kinds together, of which then nothing is laid out. Each (kind, product) has
# the row of keys that otherwise a product has, and an accumulator of 16 bytes a thread, which is less than is rounded
# off; only purchases have a system of local ridge. The events' columns of (kind, product) and of unit weights are gone
# before the kernel begins, and the events with them when the model of all is built. Seconds are left as they were
# measured: auto tries ten more recipes of pairs where kinds are several, and local ridge only where there is time.
_BY_KIND: Final = {"kind_interactions": 36, "kind_products": 3600}
COSTS: Final = (
    StepCost("start", {"once": 2.18}, {"once": 100}),
    StepCost(
        "extract",
        {"once": 0.369, "events": 0.895},
        {"once": 308, "events": 26.6, "users": 193, "text_ids": 215},
    ),
    StepCost(
        "choose",
        {"once": 0, "events": 1.86, "additions": 0.047, "co_occurring": 0.0647, "systems": 491},
        {"once": 310, "events": 33.3, "interactions": 40, "products": 3600, "system_cells": 4, **_BY_KIND},
    ),
    StepCost(
        "evaluate",
        {"once": 0.0277, "events": 0.362, "co_occurring": 0.00519, "systems": 70},
        {
            "once": 300,
            "events": 33.3,
            "users": 58.1,
            "interactions": 12.1,
            "neighbours": 39.2,
            "text_ids": 188,
            "products": 3600,
            "system_cells": 4,
            **_BY_KIND,
        },
    ),
    StepCost(
        "companions",
        {"once": 0.0629, "interactions": 0.267, "additions": 0.00119, "co_occurring": 0.00266},
        {"once": 302, "events": 30.4, "interactions": 29.5, "neighbours": 43.4, "text_ids": 282},
    ),
    StepCost(
        "matrix",
        {"once": 0, "events": 0.0534},
        {"once": 311, "events": 21.3, "users": 34, "interactions": 16.1, "text_ids": 33.2, "kind_interactions": 16.1},
    ),
    StepCost(
        "build",
        {"once": 0.0364, "products": 9.07, "additions": 0.00181, "co_occurring": 0.0000686, "systems": 70},
        {"once": 302, "users": 17.3, "interactions": 33.4, "products": 3600, "system_cells": 4, **_BY_KIND},
    ),
    StepCost(
        "publish",
        {"once": 0.324, "interactions": 0.0484, "neighbours": 0.0634, "text_ids": 1.13},
        {"once": 308, "users": 38.2, "interactions": 26, "neighbours": 24.7, "text_ids": 69.7},
    ),
)
