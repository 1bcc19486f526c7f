"""Growth as a power of size: value = factor * size ** exponent, by least squares of logarithms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class PowerLaw:
    """How a figure grows; `worst_factor` is how far the fit is from what was measured, 1 where it is exact."""

    factor: float
    exponent: float
    worst_factor: float

    @classmethod
    def fitted(cls, sizes: Sequence[float], values: Sequence[float]) -> Self:
        """Fit to values at two sizes or more, all above 0. Raises ValueError."""
        if len(set(sizes)) < 2 or min(*sizes, *values) <= 0:
            raise ValueError(f"no power of size goes through {list(values)} at {list(sizes)}")
        logs, wanted = np.log(sizes), np.log(values)
        exponent, offset = np.polyfit(logs, wanted, 1)
        worst = np.abs(exponent * logs + offset - wanted).max()
        return cls(float(np.exp(offset)), float(exponent), float(np.exp(worst)))

    def at(self, size: float) -> float:
        """Give what the fit makes of a size."""
        return float(self.factor * size**self.exponent)
