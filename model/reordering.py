"""The order in which a list takes its candidates: by score, or less of the same, or less of what everybody knows.

Scores stay what they are, so that they can be explained; only who comes first changes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.catalogue import NO_CATEGORY
from model.model import Model
from model.ranking import Places, Scores, best
from model.sparse_rows import entries_of_rows

# So many times as many of the best as are asked for are candidates, where lists are to be diverse.
POOL: Final = 5
# No product is taken to be rarer than this share of the most popular one.
RAREST_SHARE: Final = 1e-6
# How near two products are at least that share a category, on the scale from 0 to 1.
SAME_CATEGORY: Final = 0.5


@dataclass(frozen=True)
class Ordering:
    """How much else than scores counts, each from 0, nothing, to 1.

    `popularity_damping` p: a candidate is worth score * popularity_share^-p, its share being RAREST_SHARE at least.

    `diversity` d: of the POOL * k that are worth most, as a part of the best one's worth, that one is taken next whose
    (1 - d) * worth - d * nearness is greatest, nearness being that to the nearest product taken before, from 0 to 1.
    It is maximal marginal relevance: Carbonell and Goldstein, SIGIR 1998.
    """

    diversity: float = 0.0
    popularity_damping: float = 0.0


BY_SCORE: Final = Ordering()


def in_order(model: Model, items: Places, scores: Scores, k: int, ordering: Ordering) -> tuple[Places, Scores]:
    """Give the k items that come first, with the scores they came with; of equals, the one given first."""
    if ordering == BY_SCORE:
        return best(items, scores, k)
    worth = _worth(model, items, scores, ordering.popularity_damping)
    order = np.argsort(-worth, kind="stable")
    if ordering.diversity > 0:
        pool = order[: POOL * max(k, 0)]
        order = pool[_diverse(worth[pool], nearness(model, items[pool]), k, ordering.diversity)]
    order = order[: max(k, 0)]
    return items[order], scores[order]


def _worth(model: Model, items: Places, scores: Scores, damping: float) -> NDArray[np.float64]:
    shares = np.maximum(model.popularity_share[items].astype(np.float64), RAREST_SHARE)
    return scores.astype(np.float64) * shares**-damping


def _diverse(worth: NDArray[np.float64], near: NDArray[np.float64], k: int, diversity: float) -> list[int]:
    """Give the places of the k to take, in their order; `worth` (n,) falls, `near` is (n, n)."""
    taken: list[int] = []
    nearest = np.zeros(len(worth))
    relevance = (1 - diversity) * (worth / worth[0] if len(worth) and worth[0] > 0 else nearest)
    for _ in range(min(k, len(worth))):
        taken.append(int((relevance - diversity * nearest).argmax()))
        relevance[taken[-1]] = -np.inf
        nearest = np.maximum(nearest, near[taken[-1]])
    return taken


def nearness(model: Model, items: Places) -> NDArray[np.float64]:
    """Tell how near some items are to each other, float64 (n, n), symmetric, from 0 to 1.

    By neighbours: a score as a part of the best in its row, the greater of the two rows'. SAME_CATEGORY at least where
    they share one. What lies on the diagonal says nothing.
    """
    near = _near_by_rows(model, items)
    near = np.maximum(near, near.T)
    if model.catalogue is None:
        return near
    category = model.catalogue.category[items]
    is_same = (category[:, None] == category) & (category != NO_CATEGORY)
    return np.where(is_same, np.maximum(near, SAME_CATEGORY), near)


def _near_by_rows(model: Model, items: Places) -> NDArray[np.float64]:
    rows, near = model.neighbours, np.zeros((len(items), len(items)))
    place_of = np.full(rows.n_items, -1, np.int32)
    place_of[items] = np.arange(len(items))
    entries, lengths = entries_of_rows(rows.indptr, items.astype(np.int32))
    columns = place_of[rows.indices[entries]]
    is_asked = columns >= 0
    tops = np.zeros(len(items))
    tops[lengths > 0] = rows.scores[rows.indptr[items[lengths > 0]]]
    owners = np.repeat(np.arange(len(items)), lengths)[is_asked]
    parts = rows.scores[entries[is_asked]] / np.where(tops > 0, tops, np.inf)[owners]
    near[owners, columns[is_asked]] = np.maximum(parts, 0)
    return near
