"""How often a trial recommended each product."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RecommendationShares:
    """`popularity` float (n,) and `recommended` int64 (n,): a product's summed weight, and the lists it stood in."""

    popularity: NDArray[np.floating]
    recommended: NDArray[np.int64]
