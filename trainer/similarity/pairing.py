"""The pass over all pairs, in rounds.

In a round the workers take blocks of items, the next ones by rank, and each fills the best of its own items; what they
find for the best of others they write down as offers. Between rounds the offers are taken, so that no two threads ever
write to the same item, and the floors that keep most pairs out rise. What an item keeps does not depend on when it was
offered, so that the result is the same for any number of threads.
"""

from collections import deque
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from trainer.kernel.best import Best
from trainer.kernel.pairs import ITEMS_AN_ADDITION, Desk, Lists, Rule, pair_up, take_offers
from trainer.progress import progress
from trainer.similarity.layout import Ints, Layout, Workers
from trainer.similarity.recipes import Recipe

# The more rounds, the fewer offers, and the more waiting of workers for one another.
_ADDITIONS_A_ROUND: Final = 200_000_000
_FEWEST_ROUNDS, _MOST_ROUNDS = 8, 64
_BLOCKS_A_WORKER: Final = 4
# What an item costs besides, in additions.
_ITEM_COST: Final = 100


def best_of_pairs(layout: Layout, recipe: Recipe, min_co_occurrence: int, k: int, workers: Workers) -> Best:
    """Give the keys of each item's best k, by rank, in no order."""
    n_items = len(layout.items)
    best = Best.none_yet(n_items, min(k, n_items))
    own, other = (give(layout.n_users, layout.squares) for give in (recipe.own, recipe.other))
    rule = Rule(float(max(1, min_co_occurrence)), recipe.form, own, other, layout.items)
    desks = [Desk.of(n_items) for _ in range(workers.n)]
    costs = _costs(layout.lists)
    rounds = list(pairwise(_cuts(costs, 0, n_items, _n_rounds(costs))))
    with progress("Similarities", len(rounds)) as advance:
        for first, last in rounds:
            cuts = _cuts(costs, first, last, _BLOCKS_A_WORKER * workers.n)
            _Round(layout.lists, rule, best, deque(pairwise(cuts))).run(desks, workers)
            advance()
    return best


class _Round:
    """Compares the items of some blocks with all before them."""

    def __init__(self, lists: Lists, rule: Rule, best: Best, blocks: deque[tuple[int, int]]) -> None:
        self._lists, self._rule, self._best, self._blocks = lists, rule, best, blocks

    def run(self, desks: list[Desk], workers: Workers) -> None:
        while self._blocks:
            offered = list(zip(desks, workers.pool.map(self._work_at, desks), strict=True))
            list(workers.pool.map(partial(self._take, offered), range(workers.n)))

    def _work_at(self, desk: Desk) -> int:
        """Do blocks until there is none, or no room for more offers; give how many there are."""
        n_offers = 0
        while self._blocks:
            try:
                block = self._blocks.popleft()
            except IndexError:  # another worker was quicker
                break
            first, n_offers = pair_up(self._lists, self._rule, block, desk, self._best, n_offers)
            if first < block[1]:
                self._blocks.append((first, block[1]))
                break
        return n_offers

    def _take(self, offered: list[tuple[Desk, int]], part: int) -> None:
        for desk, n_offers in offered:
            take_offers(self._best, desk, n_offers, part, len(offered))


def _costs(lists: Lists) -> Ints:
    """Give what the items up to each one cost, in additions."""
    looking = np.minimum(np.arange(len(lists.additions)) // ITEMS_AN_ADDITION, lists.additions)
    return np.concatenate([[0], np.cumsum(lists.additions + looking + _ITEM_COST)])


def _n_rounds(costs: Ints) -> int:
    return int(np.clip(costs[-1] // _ADDITIONS_A_ROUND, _FEWEST_ROUNDS, _MOST_ROUNDS))


def _cuts(costs: Ints, first: int, last: int, n: int) -> list[int]:
    """Cut the items from `first` up to `last` into n parts of about equal cost, or fewer."""
    inner = np.searchsorted(costs, np.linspace(costs[first], costs[last], n + 1)[1:-1])
    return sorted({first, *np.clip(inner, first, last).tolist(), last})
