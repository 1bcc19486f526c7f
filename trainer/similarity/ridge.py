"""Local ridge regression: how much each of a candidate's nearest items tells of it beyond what the others tell.

For each candidate j a small system over N(j), the m items that are nearest to it, is filled on the pass over all pairs
and solved by itself. As many candidates at a time as memory holds systems of; for each group the pass is made anew.
"""

from collections import deque
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainer.arrays.spans import Span, indptr_of, spans_of_at_most
from trainer.kernel.best import Best
from trainer.kernel.keys import unpack_keys
from trainer.kernel.pairs import Lists
from trainer.kernel.systems import Places, Systems, fill, fill_diagonals, keep_solutions, solve
from trainer.similarity.layout import Ints, PairedItems
from trainer.similarity.pairing import groups_of

Floats = NDArray[np.float64]
_GROUPS_A_WORKER: Final = 16
_SOLVED_AT_ONCE: Final = 64
_CELL_BYTES: Final = 4
# A system of greater numbers has no solution in float32 anyway, and says so.
_LARGEST: Final = 1e38


class RidgeSystems:
    """The systems of all candidates, some at a time."""

    def __init__(self, items: PairedItems, near: Best, closeness: Floats, most_bytes: int) -> None:
        """Take each candidate's nearest with their closeness: G_ij times `closeness` float64 (n_ranks,) of i."""
        self._items, self._near, self._closeness = items, near, closeness
        self._unit = float(np.median(items.ranking.squares)) if len(items.ranking.squares) else 1.0
        sizes = near.counts.astype(np.int64)
        self._spans = spans_of_at_most(indptr_of(sizes * (sizes + 1) // 2), most_bytes // _CELL_BYTES)

    def take_solutions(self, ridge: float, exponent: float, shrinkage: Floats, best: Best) -> None:
        """Solve (G + ridge * diag(G)^exponent) w = g, G in units of its median diagonal, and keep the best by member.

        A solution w_i > 0 of candidate j is a score of i's neighbour j, `shrinkage` float64 (n_ranks,) times w_i.
        """
        own = self._items.ranking.squares / self._unit
        diagonal = np.minimum(own + ridge * own**exponent, _LARGEST).astype(np.float32)
        for span in self._spans:
            systems = self._filled(span)
            fill_diagonals(systems, diagonal)
            self._solve(systems)
            self._keep(systems, self._items.ranking.items[slice(*span)], shrinkage, best)

    def _filled(self, span: Span) -> Systems:
        systems = self._empty(span)
        places = _places_of(systems, len(self._items.ranking.items))
        workers = self._items.workers
        for lists in self._items.meetings():
            groups = deque(groups_of(lists, lists.ranks, _GROUPS_A_WORKER * workers.n))
            workers.each(partial(self._fill, lists, groups, places, systems))
        return systems

    def _empty(self, span: Span) -> Systems:
        """Give the systems of the candidates of some ranks, with members and right-hand sides."""
        keys, sizes = self._near.keys[slice(*span), : self._near.k], self._near.counts[slice(*span)].astype(np.int64)
        found, scores = unpack_keys(keys.reshape(-1))
        is_member = (keys > 0).reshape(-1)
        ranking = self._items.ranking
        members = np.where(is_member, ranking.ranks[found], len(ranking.items)).reshape(keys.shape)
        order = np.argsort(members, axis=1)
        members = np.take_along_axis(members, order, axis=1).astype(np.int32)
        sides = np.take_along_axis(scores.reshape(keys.shape), order, axis=1).astype(np.float64)
        known = np.append(self._closeness * self._unit, 1.0)
        sides = np.where(members < len(ranking.items), np.minimum(sides / known[members], _LARGEST), 0.0)
        starts = indptr_of(sizes * (sizes + 1) // 2)
        return Systems(members, sizes, starts, np.zeros(starts[-1], np.float32), sides.astype(np.float32))

    def _fill(self, lists: Lists, groups: deque[Span], places: Places, systems: Systems, _worker: int) -> None:
        sums = np.zeros((lists.before[1] - lists.before[0], 2))
        while groups:
            try:
                group = groups.popleft()
            except IndexError:  # another worker was quicker
                return
            fill(lists, group, self._unit, places, systems, sums)

    def _solve(self, systems: Systems) -> None:
        n = len(systems.sizes)
        firsts = range(0, n, _SOLVED_AT_ONCE)
        lasts = [min(first + _SOLVED_AT_ONCE, n) for first in firsts]
        list(self._items.workers.pool.map(partial(solve, systems), firsts, lasts))

    def _keep(self, systems: Systems, candidates: Ints, shrinkage: Floats, best: Best) -> None:
        n = self._items.workers.n
        self._items.workers.each(lambda part: keep_solutions(systems, candidates, shrinkage, best, part, n))


def _places_of(systems: Systems, n_ranks: int) -> Places:
    """Find where each item stands."""
    shape = systems.members.shape
    is_member = np.arange(shape[1]) < systems.sizes[:, None]
    owners = systems.members[is_member]
    order = np.argsort(owners, kind="stable")
    system, member = np.nonzero(is_member)
    counts = np.bincount(owners, minlength=n_ranks)
    return Places(indptr_of(counts), system[order].astype(np.int32), member[order].astype(np.int32))
