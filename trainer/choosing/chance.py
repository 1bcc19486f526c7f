"""Chance that depends on nothing but what is drawn, so that the same data are drawn alike."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_SEED: Final = 20250105
_SHIFTS_AND_FACTORS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def chances(numbers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Give each number one from 0 to 1, evenly spread: SplitMix64, Steele et al., OOPSLA 2014."""
    mixed = (numbers.astype(np.uint64) + np.uint64(_SEED)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in _SHIFTS_AND_FACTORS:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    spread: NDArray[np.float64] = (mixed ^ (mixed >> np.uint64(31))) / 2.0**64
    return spread
