"""What all lists together make of the catalogue."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def coverage(recommended: Counts) -> float:
    """Give coverage@k: the share of the catalogue that stands in anybody's list; `recommended` counts by product."""
    return float(np.mean(recommended > 0)) if len(recommended) else 0.0


def concentration(recommended: Counts) -> float:
    """Give the Gini index of the products' places in all lists: 0 where all have as many, near 1 where few have all.

    0 where there is no list. G = sum_i (2 i - n - 1) x_i / (n sum x), x rising, i from 1: Gini (1912), in the form of
    Dixon et al., "Bootstrapping the Gini coefficient of inequality", Ecology 68 (1987), without its correction.
    """
    total, n = recommended.sum(), len(recommended)
    if not total:
        return 0.0
    ranks = 2 * np.arange(1, n + 1) - n - 1
    return float(ranks @ np.sort(recommended) / (n * total))
