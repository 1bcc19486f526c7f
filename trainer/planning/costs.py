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
FILE_MEGABYTES: Final = 163

# What a run holds besides its arrays where those are on disk: the most of all its steps. Set by hand, on the safe side
# of what shops of 10 and 30 million interactions were seen to live on (benchmarks/growth.py --limit).
SPILLED_MEGABYTES: Final = {"once": 300, "events": 3, "users": 80, "products": 60, "neighbours": 25, "text_ids": 211}

# Steps that are not here cost nothing that grows with a shop. `start` is Python's start, imports and end, and loading
# what is compiled.
COSTS: Final = (
    StepCost("start", {"once": 1.87}, {"once": 100}),
    StepCost(
        "extract",
        {"once": 0.33, "events": 0.847},
        {"once": 310, "events": 27.9, "users": 156, "text_ids": 211},
    ),
    StepCost(
        "evaluate",
        {"once": 0, "events": 0.34, "interactions": 0, "co_occurring": 0.005},
        {"once": 297, "events": 32.1, "users": 74.3, "interactions": 13.3, "neighbours": 30, "text_ids": 164},
    ),
    StepCost(
        "matrix",
        {"once": 0, "events": 0.0441},
        {"once": 304, "events": 22.8, "users": 49.1, "interactions": 12.8, "text_ids": 45.6},
    ),
    StepCost(
        "build",
        {"once": 0.0276, "products": 8.32, "additions": 0.00178, "co_occurring": 0.000454},
        {"once": 299, "users": 39.6, "interactions": 33, "neighbours": 0, "accumulators": 825, "text_ids": 4.16},
    ),
    StepCost(
        "publish",
        {"once": 0.281, "interactions": 0.0411, "neighbours": 0.0385, "text_ids": 0.633},
        {"once": 303, "users": 47.5, "interactions": 25.1, "neighbours": 20, "text_ids": 74.8},
    ),
)
