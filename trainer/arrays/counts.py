"""Counting numbers without a copy of them."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainer.kernel.sums import Numbers


def counts_of(numbers: "Numbers", n: int) -> NDArray[np.int64]:
    """Count how often each number below n occurs, int64 (n,)."""
    counts = np.zeros(n, np.int64)
    count_more(numbers, counts)
    return counts


def count_more(numbers: "Numbers", counts: NDArray[np.int64]) -> None:
    """Add how often each number occurs to its count, `counts` int64 (n,)."""
    from trainer.kernel.sums import count_each  # noqa: PLC0415 (Numba takes 0.3 s to import)

    count_each(numbers, counts)
