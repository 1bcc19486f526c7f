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
# The seconds are set by hand to four shops of 11 thousand to 6 million events; the megabytes are fitted to six.

# What of the megabytes are pages of the program's own files, such as Numba's: the system takes them back before it
# kills a process.
FILE_MEGABYTES: Final = 163

# What a run holds besides its arrays where those are on disk: the most of all its steps.
SPILLED_MEGABYTES: Final = {"once": 300, "users": 60, "products": 60, "neighbours": 25, "text_ids": 110}

# Steps that are not here cost nothing that grows with a shop. `start` is Python's start, imports and end.
COSTS: Final = (
    StepCost("start", {"once": 0.95}, {"once": 100}),
    StepCost(
        "extract",
        {"once": 0.35, "events": 1.08},
        {"once": 176, "events": 44.1, "users": 96.8, "text_ids": 106},
    ),
    StepCost(
        "evaluate",
        {"once": 0.38, "events": 0.15, "interactions": 0.75, "co_occurring": 0.0353},
        {"once": 294, "events": 19.9, "users": 35.9, "interactions": 31.2, "neighbours": 13.5, "text_ids": 38.7},
    ),
    StepCost(
        "matrix",
        {"once": 0.44, "events": 0.09},
        {"once": 297, "events": 22.8, "users": 0, "interactions": 21.2, "text_ids": 24.1},
    ),
    StepCost(
        "build",
        {"once": 0.04, "products": 5.85, "additions": 0.0039, "co_occurring": 0.0203},
        {"once": 295, "users": 0, "interactions": 38.8, "neighbours": 8.38, "accumulators": 140, "text_ids": 26.6},
    ),
    StepCost(
        "publish",
        {"once": 0.21, "interactions": 0.045, "neighbours": 0.18, "text_ids": 0.6},
        {"once": 295, "users": 18.2, "interactions": 31, "neighbours": 20.1, "text_ids": 84.6},
    ),
)
