"""Local ridge regression: how much each of a candidate's nearest items tells of it beyond what the others tell.

For each candidate j a small system over N(j), the m items that are nearest to it, is filled on the pass over all pairs
and solved by itself. As many candidates at a time as memory holds systems of; for each group the pass is made anew.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.spans import Span, indptr_of, spans_of_at_most
from trainer.kernel.best import Best
from trainer.kernel.keys import unpack_keys
from trainer.kernel.pairs import Lists
from trainer.kernel.systems import Places, Systems, fill, fill_diagonals, keep_solutions, solve
from trainer.similarity.layout import PairedItems, Ranking, Workers
from trainer.similarity.pairing import groups_of, settled

Floats = NDArray[np.float64]
_GROUPS_A_WORKER: Final = 16
_SOLVED_AT_ONCE: Final = 64
_CELL_BYTES: Final = 4
# A system of greater numbers has no solution in float32 anyway, and says so.
_LARGEST: Final = 1e38


@dataclass(frozen=True)
class Regression:
    """(G + ridge * diag(G)^exponent) w = g, G in units of its median diagonal.

    `closeness` float64 (n_ranks,) is what G_ij was multiplied by, of member i, where the nearest were found; a solution
    w_i > 0 of candidate j is a score of i's neighbour j, `shrinkage` float64 (n_ranks,) times w_i.
    """

    ridge: float
    exponent: float
    closeness: Floats
    shrinkage: Floats

    def diagonal(self, ranking: Ranking) -> NDArray[np.float32]:
        """Give the diagonals of the systems, float32 (n_ranks,)."""
        own = ranking.squares / unit_of(ranking)
        return np.minimum(own + self.ridge * own**self.exponent, _LARGEST).astype(np.float32)


def best_of_solutions(items: PairedItems, near: Best, regression: Regression, k: int, most_bytes: int) -> Best:
    """Solve each candidate's system of those that are near to it, and keep the best k by member."""
    best = Best.none_yet(len(items.ranking.items), min(k, len(items.ranking.items)))
    diagonal, unit = regression.diagonal(items.ranking), unit_of(items.ranking)
    for span in spans_of_systems(near, most_bytes):
        systems = systems_of(span, near, regression, items.ranking)
        solve_all(systems, diagonal, unit, items.meetings(), items.workers)
        keep(systems, span, regression, items.ranking, best, items.workers)
    return settled(best, items.workers)


def unit_of(ranking: Ranking) -> float:
    """Give the median of the diagonal of G."""
    return float(np.median(ranking.squares)) if len(ranking.squares) else 1.0


def spans_of_systems(near: Best, most_bytes: int) -> list[Span]:
    """Cut the candidates' ranks into spans whose systems take so many bytes at most."""
    sizes = near.counts.astype(np.int64)
    return spans_of_at_most(indptr_of(sizes * (sizes + 1) // 2), most_bytes // _CELL_BYTES)


def systems_of(span: Span, near: Best, regression: Regression, ranking: Ranking) -> Systems:
    """Give the systems of the candidates of some ranks, with members and right-hand sides; they have no cells yet."""
    keys, sizes = near.keys[slice(*span), : near.k], near.counts[slice(*span)].astype(np.int64)
    found, scores = unpack_keys(np.ascontiguousarray(keys).reshape(-1))
    is_member = (keys > 0).reshape(-1)
    members = np.where(is_member, ranking.ranks[found], len(ranking.items)).reshape(keys.shape)
    order = np.argsort(members, axis=1)
    members = np.take_along_axis(members, order, axis=1).astype(np.int32)
    sides = np.take_along_axis(scores.reshape(keys.shape), order, axis=1).astype(np.float64)
    known = np.append(regression.closeness * unit_of(ranking), 1.0)
    sides = np.where(members < len(ranking.items), np.minimum(sides / known[members], _LARGEST), 0.0)
    starts = indptr_of(sizes * (sizes + 1) // 2)
    return Systems(members, sizes, starts, np.empty(0, np.float32), sides.astype(np.float32))


def solve_all(
    systems: Systems, diagonal: NDArray[np.float32], unit: float, meetings: Iterable[Lists], workers: Workers
) -> None:
    """Fill the systems on a pass over all pairs, and solve them: the sides are the solutions then."""
    systems = systems._replace(cells=np.zeros(systems.starts[-1], np.float32))
    places = _places_of(systems, len(diagonal))
    for lists in meetings:
        groups = deque(groups_of(lists, lists.ranks, _GROUPS_A_WORKER * workers.n))
        workers.each(partial(_fill, lists, groups, unit, places, systems))
    fill_diagonals(systems, diagonal)
    firsts = range(0, len(systems.sizes), _SOLVED_AT_ONCE)
    lasts = [min(first + _SOLVED_AT_ONCE, len(systems.sizes)) for first in firsts]
    list(workers.pool.map(partial(solve, systems), firsts, lasts))


def keep(systems: Systems, span: Span, regression: Regression, ranking: Ranking, best: Best, workers: Workers) -> None:
    """Take the solutions of the candidates of some ranks among the best of their members."""
    candidates, n = ranking.items[slice(*span)], workers.n
    workers.each(lambda part: keep_solutions(systems, candidates, regression.shrinkage, best, part, n))


def _fill(lists: Lists, groups: deque[Span], unit: float, places: Places, systems: Systems, _worker: int) -> None:
    sums = np.zeros((lists.before[1] - lists.before[0], 2))
    while groups:
        try:
            group = groups.popleft()
        except IndexError:  # another worker was quicker
            return
        fill(lists, group, unit, places, systems, sums)


def _places_of(systems: Systems, n_ranks: int) -> Places:
    """Find where each item stands."""
    shape = systems.members.shape
    is_member = np.arange(shape[1]) < systems.sizes[:, None]
    owners = systems.members[is_member]
    order = np.argsort(owners, kind="stable")
    system, member = np.nonzero(is_member)
    counts = np.bincount(owners, minlength=n_ranks)
    return Places(indptr_of(counts), system[order].astype(np.int32), member[order].astype(np.int32))
