"""How many keys the meetings of blocks find, expected: what is staged of them grows with the number of blocks.

An item of a block finds its best k there, and among the items of each other block the best k of those that are no worse
than these. Those that it can find have enough users in common, a Poisson variable as in trainer.planning.chance; where
its own block holds more than k of them, so many times fewer of another block's are good enough.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from benchmarks.scaling_shop import Crowd
from trainer.arrays.spans import Span

# Items of about as many users are taken together: so many groups of all blocks, two at least of each.
_GROUPS: Final = 1500

Floats = NDArray[np.float64]


def expected_keys(crowd: Crowd, spans: Sequence[Span], k: int, least: int) -> float:
    """Give how many keys the meetings of blocks of these ranks stage; pairs need `least` users in common."""
    users, sizes, blocks = _groups(crowd, spans)
    sharing = 2 * crowd.pairs / crowd.interactions**2
    partners = gammainc(least, np.outer(users, users) * sharing) * sizes  # the regularised one: P(Poisson >= least)
    firsts = np.flatnonzero(np.diff(blocks, prepend=-1))
    by_block = np.add.reduceat(partners, firsts, axis=1)
    own = by_block[np.arange(len(blocks)), blocks]
    good_enough = np.minimum(1.0, k / np.maximum(own, 1e-9))
    return float(sizes @ np.minimum(k, by_block * good_enough[:, None]).sum(axis=1))


def _groups(crowd: Crowd, spans: Sequence[Span]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Give the mean users of each group of items, how many items it has, and the number of its block."""
    of_a_block = max(2, _GROUPS // len(spans))
    groups = [
        (number, group)
        for number, (first, last) in enumerate(spans)
        for group in np.array_split(crowd.n_users[first:last], min(of_a_block, last - first))
    ]
    users = np.array([group.mean() for _, group in groups])
    return users, np.array([float(len(group)) for _, group in groups]), np.array([number for number, _ in groups])
