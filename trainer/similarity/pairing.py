"""The pass over all pairs, in rounds.

Every block of items meets those before it, and itself. In a round the workers take groups of a block's items, the next
ones by rank, and each fills the best of its own items; what they find for the best of others they write down as offers.
Between rounds the offers are taken, so that no two threads ever write to the same item, and the floors that keep most
pairs out rise. What an item keeps does not depend on when it was offered, so that the result is the same for any number
of threads and blocks.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from trainer.arrays.spans import Span, even_spans, indptr_of
from trainer.kernel.best import Best, settle
from trainer.kernel.pairs import ITEMS_AN_ADDITION, Desk, Lists, Rule, pair_up, take_offers
from trainer.progress import progress
from trainer.similarity.layout import Ints, PairedItems, Workers

# The more rounds, the fewer offers, and the more waiting of workers for one another.
_ADDITIONS_A_ROUND: Final = 200_000_000
_FEWEST_ROUNDS, _MOST_ROUNDS = 8, 64
_GROUPS_A_WORKER: Final = 4
# What an item costs besides, in additions.
_ITEM_COST: Final = 100


def best_of_pairs(items: PairedItems, rule: Rule, k: int) -> Best:
    """Give the keys of each item's best k, by rank, in no order."""
    workers = items.workers
    best = Best.none_yet(len(rule.items), min(k, len(rule.items)))
    desks = [Desk.of(max(block.n_items for block in items.blocks)) for _ in range(workers.n)]
    with progress("Similarities", items.n_pairs_of_interactions) as advance:
        for lists in items.meetings():
            compare(lists, rule, best, desks, workers, advance)
    return settled(best, workers)


def compare(
    lists: Lists, rule: Rule, best: Best, desks: list[Desk], workers: Workers, advance: Callable[[int], None]
) -> None:
    """Let a block's items meet those before them, and keep the best of both; `advance` is told how much was added."""
    for ranks in _rounds(lists):
        groups = deque(groups_of(lists, ranks, _GROUPS_A_WORKER * workers.n))
        _Round(lists, rule, best, groups).run(desks, workers)
        advance(int(lists.additions[ranks[0] - lists.ranks[0] : ranks[1] - lists.ranks[0]].sum()))


def settled(best: Best, workers: Workers) -> Best:
    """Leave no more than the best k of each item."""
    parts = even_spans(np.arange(len(best.counts) + 1), workers.n)
    workers.each(lambda part: settle(best, *parts[part]))
    return best


def groups_of(lists: Lists, ranks: Span, n: int) -> list[Span]:
    """Cut ranks into n spans of about equal cost, or fewer."""
    return _cut(_costs(lists), ranks, lists.ranks[0], n)


class _Round:
    """Compares the items of some groups with those before them."""

    def __init__(self, lists: Lists, rule: Rule, best: Best, groups: deque[Span]) -> None:
        self._lists, self._rule, self._best, self._groups = lists, rule, best, groups

    def run(self, desks: list[Desk], workers: Workers) -> None:
        while self._groups:
            offered = list(zip(desks, workers.pool.map(self._work_at, desks), strict=True))
            workers.each(partial(self._take, offered))

    def _work_at(self, desk: Desk) -> int:
        """Do groups until there is none, or no room for more offers; give how many there are."""
        n_offers = 0
        while self._groups:
            try:
                group = self._groups.popleft()
            except IndexError:  # another worker was quicker
                break
            first, n_offers = pair_up(self._lists, self._rule, group, desk, self._best, n_offers)
            if first < group[1]:
                self._groups.append((first, group[1]))
                break
        return n_offers

    def _take(self, offered: list[tuple[Desk, int]], part: int) -> None:
        for desk, n_offers in offered:
            take_offers(self._best, desk, n_offers, part, len(offered))


def _rounds(lists: Lists) -> list[Span]:
    costs = _costs(lists)
    n = int(np.clip(costs[-1] // _ADDITIONS_A_ROUND, _FEWEST_ROUNDS, _MOST_ROUNDS))
    return _cut(costs, lists.ranks, lists.ranks[0], n)


def _costs(lists: Lists) -> Ints:
    """Give what the items up to each one cost, in additions."""
    n_before = np.minimum(np.arange(*lists.ranks), lists.before[1]) - lists.before[0]
    looking = np.minimum(n_before // ITEMS_AN_ADDITION, lists.additions)
    return indptr_of(lists.additions + looking + _ITEM_COST)


def _cut(costs: Ints, ranks: Span, origin: int, n: int) -> list[Span]:
    """Cut ranks into n spans of about equal cost, or fewer; `costs` are those up to each rank from the origin on."""
    first, last = ranks
    spans = even_spans(costs[first - origin : last - origin + 1], n)
    return [(first + begin, first + end) for begin, end in spans if begin < end]
