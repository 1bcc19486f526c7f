"""Intervals: the 95 % percentile bootstrap over users, seeded.

Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. All columns are resampled together, so that
differences between them are paired.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_RESAMPLES: Final = 1000
_TAIL_PERCENT: Final = 2.5
_SEED: Final = 20250105
# Resamples that are held in memory at a time: 50 of 2,000 users are 0.8 MB.
_BLOCK: Final = 50


@dataclass(frozen=True)
class Interval:
    """A mean over users, and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def intervals(values: NDArray[np.float64]) -> list[Interval]:
    """Give the interval of each column's mean; `values` float64 (n_users, n_columns), of one user at least."""
    rng, n_users = np.random.default_rng(_SEED), len(values)
    means = np.concatenate([_resampled_means(values, rng, n_users) for _ in range(_RESAMPLES // _BLOCK)])
    low, high = np.percentile(means, [_TAIL_PERCENT, 100 - _TAIL_PERCENT], axis=0)
    return [Interval(*ends) for ends in zip(values.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)]


def _resampled_means(values: NDArray[np.float64], rng: np.random.Generator, n_users: int) -> NDArray[np.float64]:
    """Draw users with replacement, (_BLOCK, n_users) of them, and give each draw's means, (_BLOCK, n_columns)."""
    drawn = rng.integers(0, n_users, (_BLOCK, n_users))
    counts = np.stack([np.bincount(users, minlength=n_users) for users in drawn]).astype(np.float64)
    # Not by @: what BLAS adds up depends in its last bits on the number of its threads.
    sums: NDArray[np.float64] = np.einsum("ru,mu->rm", counts, values.T.copy())
    return sums / n_users
