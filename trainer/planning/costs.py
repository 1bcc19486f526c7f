"""What each step of a run costs: one row a step, seconds and bytes by what drives them.

`python -m benchmarks.planning --fit` measures runs on generated shops and prints this table anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from trainer.planning.size import ShopSize

_MILLION: Final = 1e6


@dataclass(frozen=True)
class Drivers:
    """What costs are in proportion to; `once` is 1, and the others are counted in millions.

    `additions` and `co_occurring` are those of one thread of the kernel, `accumulators` are products times threads,
    `text_ids` are the users and products of a shop whose ids are text.
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


MEASURED_ON: Final = "TODO"

# What of the megabytes are pages of the program's own files, such as Numba's: the system takes them back before it
# kills a process.
FILE_MEGABYTES: Final = 162

# Steps that are not here cost nothing that grows with a shop. `start` is Python's start, imports and end.
COSTS: Final = (
    StepCost("start", {"once": 1.3}, {"once": 99}),
    StepCost("extract", {"once": 0.05, "events": 1.8}, {"once": 160, "events": 30, "users": 8, "text_ids": 100}),
    StepCost(
        "matrix",
        {"once": 0.5, "events": 0.3},
        {"once": 275, "events": 25, "users": 8, "interactions": 8, "text_ids": 100},
    ),
    StepCost(
        "build",
        {"once": 0.1, "products": 1, "additions": 0.01, "co_occurring": 0.02},
        {"once": 280, "users": 8, "interactions": 20, "neighbours": 16, "accumulators": 24, "text_ids": 100},
    ),
    StepCost(
        "publish",
        {"once": 0.05, "interactions": 0.06, "neighbours": 0.06, "text_ids": 1},
        {"once": 280, "users": 8, "interactions": 20, "neighbours": 16, "text_ids": 100},
    ),
)
