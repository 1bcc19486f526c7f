"""Matrices of users and items for the kernel and its peers: three shapes without tastes, and two with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.event_sources import complete_journey
from trainer.matrix import build_user_items

_SEED: Final = 20250105
_WEIGHTS: Final = np.array([0.3, 1.0, 1.3], np.float32)
_GROUPS: Final = 200
_SHARE_IN_GROUP: Final = 0.8


@dataclass(frozen=True)
class Shape:
    """How many of each there are, about: an item's fame is its rank to the power of -fame, users' zeal is log-normal.

    With tastes, users belong to one of 200 groups, which each like every 200th item, and choose from those in 8 of 10
    cases.
    """

    users: int
    items: int
    interactions: int
    fame: float
    has_tastes: bool = False

    def matrix(self) -> sp.csr_matrix:
        """Draw pairs until there are enough distinct ones; float32, the same for the same shape."""
        rng = np.random.default_rng(_SEED)
        zeal = rng.lognormal(0.0, 1.0, self.users).cumsum()
        names, groups = rng.permutation(self.items), rng.integers(0, _GROUPS, self.users)
        pairs = np.empty(0, np.int64)
        while len(pairs) < 0.98 * self.interactions:
            more = self._drawn(rng, zeal, groups, max(self.interactions - len(pairs), 100_000))
            pairs = np.unique(np.concatenate([pairs, more]))
        pairs = np.sort(pairs // self.items * self.items + names[pairs % self.items])
        weights = _WEIGHTS[rng.integers(0, len(_WEIGHTS), len(pairs))]
        indptr = np.searchsorted(pairs, np.arange(self.users + 1, dtype=np.int64) * self.items)
        return sp.csr_matrix((weights, pairs % self.items, indptr), shape=(self.users, self.items))

    def _drawn(
        self, rng: np.random.Generator, zeal: NDArray[np.float64], groups: NDArray[np.int64], n: int
    ) -> NDArray[np.int64]:
        users = np.searchsorted(zeal, rng.random(n) * zeal[-1])
        fame = (1.0 / np.arange(1, self.items + 1) ** self.fame).cumsum()
        items = np.searchsorted(fame, rng.random(n) * fame[-1])
        if self.has_tastes:
            liked = np.minimum(items // _GROUPS * _GROUPS + groups[users], self.items - 1)
            items = np.where(rng.random(n) < _SHARE_IN_GROUP, liked, items)
        pairs: NDArray[np.int64] = users * np.int64(self.items) + items
        return pairs


def _journey() -> sp.csr_matrix:
    return build_user_items(complete_journey())


SHAPES: Final[Mapping[str, Callable[[], sp.csr_matrix]]] = {
    "A": Shape(200_000, 20_000, 5_300_000, 0.9).matrix,
    "B": Shape(2_000_000, 200_000, 28_000_000, 0.9).matrix,
    "C": Shape(160_000, 60_000, 24_000_000, 0.8).matrix,
    "clustered A": Shape(200_000, 20_000, 3_200_000, 0.9, has_tastes=True).matrix,
    "clustered C": Shape(160_000, 60_000, 8_700_000, 0.8, has_tastes=True).matrix,
    "Complete Journey": _journey,
}


def read(path: Path) -> sp.csr_matrix:
    """Read such a file."""
    return cast("sp.csr_matrix", sp.load_npz(path))


def written(name: str, folder: Path) -> Path:
    """Write a shape's matrix to a file, for all sides to read."""
    path = folder / f"{name.replace(' ', '-')}.npz"
    sp.save_npz(path, SHAPES[name](), compressed=False)
    return path
