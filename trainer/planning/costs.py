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


MEASURED_ON: Final = "constants measured on 2 cores of AMD EPYC, 2026-11-25"

# What of the megabytes are pages of the program's own files, such as Numba's: the system takes them back before it
# kills a process.
FILE_MEGABYTES: Final = 162

# Steps that are not here cost nothing that grows with a shop. `start` is Python's start, imports and end.
COSTS: Final = (
    StepCost("start", {"once": 0.85}, {"once": 100}),
    StepCost(
        "extract",
        {"once": 0.15, "events": 0.65},
        {"once": 171, "events": 25.3, "users": 165, "text_ids": 103},
    ),
    StepCost(
        "evaluate",
        {"once": 0.5, "events": 0.5, "interactions": 0.1, "additions": 0.0014, "co_occurring": 0.011},
        {"once": 294, "events": 33, "users": 40, "interactions": 16, "neighbours": 8, "text_ids": 21},
    ),
    StepCost(
        "matrix",
        {"once": 0.4, "events": 0.15},
        {"once": 291, "events": 25.3, "users": 39.5, "interactions": 0.146, "text_ids": 21.2},
    ),
    StepCost(
        "build",
        {"once": 0.03, "products": 4, "additions": 0.0014, "co_occurring": 0.011},
        {"once": 294, "users": 28.2, "interactions": 24.6, "neighbours": 3.97, "accumulators": 86.4, "text_ids": 0},
    ),
    StepCost(
        "publish",
        {"once": 0.02, "interactions": 0.03, "neighbours": 0.04, "text_ids": 0.6},
        {"once": 294, "users": 45.5, "interactions": 17.6, "neighbours": 13.7, "text_ids": 48.4},
    ),
)
