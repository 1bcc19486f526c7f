"""Whether two sides found the same neighbours, for a sample of products: ours, and a sparse matrix of scores."""

from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.neighbours import Neighbours

TOLERANCE: Final = 1e-5
_SEED: Final = 20250105


def sampled_items(neighbours: Neighbours, most: int) -> NDArray[np.int64]:
    """Draw so many of the items that have a neighbour, the same for the same neighbours."""
    able = np.flatnonzero(np.diff(neighbours.indptr))
    return np.sort(np.random.default_rng(_SEED).permutation(able)[:most])


def first_difference(ours: Neighbours, theirs: sp.csr_matrix, items: NDArray[np.int64]) -> str | None:
    """Say at which of the items the two sides differ first, None where they are the same.

    They are the same where as many neighbours have scores within 1e-5, rank by rank, and only neighbours that are
    within 1e-5 of an item's last one are known to one side alone: which of equals comes last is anybody's choice.
    """
    if theirs.shape != (ours.n_items, ours.n_items):
        return f"{ours.n_items:,} products here, {theirs.shape[0]:,} there"
    for item in items.tolist():
        first, last = theirs.indptr[item : item + 2]
        found = dict(zip(theirs.indices[first:last].tolist(), theirs.data[first:last].tolist(), strict=True))
        indices, scores = ours.row(item)
        why = _difference(dict(zip(indices.tolist(), scores.tolist(), strict=True)), found)
        if why:
            return f"product {item:,} {why}"
    return None


def _difference(ours: dict[int, float], theirs: dict[int, float]) -> str | None:
    if len(ours) != len(theirs):
        return f"has {len(ours)} neighbours here, {len(theirs)} there"
    apart = np.abs(np.sort(list(ours.values())) - np.sort(list(theirs.values()))).max(initial=0)
    shared = max((abs(ours[item] - theirs[item]) for item in ours.keys() & theirs.keys()), default=0.0)
    if max(apart, shared) > TOLERANCE:
        return f"has scores that are {max(apart, shared):.2g} apart"
    least = min(ours.values(), default=0.0)
    alone = {item: score for side in (ours, theirs) for item, score in side.items()}
    odd = [item for item in ours.keys() ^ theirs.keys() if alone[item] - least > TOLERANCE]
    return f"has the neighbour {odd[0]:,} on one side only" if odd else None
