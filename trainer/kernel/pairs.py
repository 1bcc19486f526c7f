"""Each pair of items once: what they have in common is added up, and offered to the best of both.

Items are ranked by falling number of users, and an item is compared with those before it: a user's list is read up to
where the item itself stands. The sums of one item are a row over all items before it, which stays in the processor's
cache. Where few were touched, the lists are walked again to find and clear them; otherwise the row is looked through.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.best import Best, leave_best
from trainer.kernel.keys import Keys, key_of, score_of
from trainer.kernel.layout import PLACE_BITS
from trainer.kernel.machine import add_eight, add_one, clear_eight, clear_one, float_of, prefetch
from trainer.kernel.scores import score

# How many lists ahead of the one that is read are fetched, and how many entries lie in one line of the cache.
_LISTS_AHEAD = 8
_ENTRIES_A_LINE = 8
# Looking through a row costs about an addition for so many of its items.
ITEMS_AN_ADDITION = 3
_FEWEST_OFFERS = 1 << 20
_PLACES = np.uint64((1 << PLACE_BITS) - 1)


class Lists(NamedTuple):
    """The items of a block of ranks, and those before them of a block of the ranks `before`.

    `entries` uint32 (n, 2) are the lists of users in the block before: weight (its bits) and rank within that block.
    `postings` uint64 say where the lists of an item's users begin and how far they are read (layout.PLACE_BITS), those
    of an item from `firsts` up to `lasts` int64 (n_items,), and `weights` float32 what it weighs to each user; where a
    block meets itself that is empty, and the weight is the entry behind. `additions` int64 (n_items,) are the entries
    that are read for an item.
    """

    ranks: tuple[int, int]
    before: tuple[int, int]
    entries: NDArray[np.uint32]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    postings: NDArray[np.uint64]
    weights: NDArray[np.float32]
    additions: NDArray[np.int64]


class Rule(NamedTuple):
    """How a pair is judged: it needs `min_co_occurrence` users in common, and has a score of the form.

    `own` and `other` float64 (n_items,) are what the score needs to know of the item that asks, and of the
    one that is its neighbour, and `n_users` how many users there are; `items` int64 (n_items,) are the items by rank.
    """

    min_co_occurrence: float
    form: int
    n_users: float
    own: NDArray[np.float64]
    other: NDArray[np.float64]
    items: NDArray[np.int64]


class Desk(NamedTuple):
    """What a worker writes on: a row of sums, what was found in it, and what is offered to the best of other items.

    `sums` float64 (n_items, 2) are users in common and dot product; `found` int32 (n_items,) ranks, with their
    sums in `common` float64 (n_items, 2); `offers` int32 and `offered_keys` uint64 (capacity,).
    """

    sums: NDArray[np.float64]
    found: NDArray[np.int32]
    common: NDArray[np.float64]
    offers: NDArray[np.int32]
    offered_keys: Keys

    @classmethod
    def of(cls, n_items: int) -> Self:
        """Give a desk for so many items."""
        sums, found, common = np.zeros((n_items, 2)), np.empty(n_items, np.int32), np.empty((n_items, 2))
        capacity = max(n_items, _FEWEST_OFFERS)
        return cls(sums, found, common, np.empty(capacity, np.int32), np.empty(capacity, np.uint64))


@njit(cache=True, nogil=True, error_model="numpy")
def accumulate(lists: Lists, own: int, sums: NDArray[np.float64]) -> None:
    """Add up the users in common and the dot product of an item with each before it, `sums` float64 (n_before, 2)."""
    entries, postings, weights, last = lists.entries, lists.postings, lists.weights, lists.lasts[own]
    for p in range(lists.firsts[own], last):
        start, end = _list_at(postings[min(p + _LISTS_AHEAD, last - 1)])
        for entry in range(start, end + 1, _ENTRIES_A_LINE):
            prefetch(entries, entry)
        start, end = _list_at(postings[p])
        weight = np.float64(weights[p] if len(weights) else float_of(entries[end, 0]))
        in_eights = start + ((end - start) & ~7)
        for entry in range(start, in_eights, 8):
            add_eight(sums, entries, entry, weight)
        for entry in range(in_eights, end):
            add_one(sums, entries, entry, weight)


@njit(cache=True, nogil=True, error_model="numpy")
def _list_at(posting: np.uint64) -> tuple[np.int64, np.int64]:
    """Give from which entry up to which one a list is read."""
    start = np.int64(posting >> np.uint64(PLACE_BITS))
    return start, start + np.int64(posting & _PLACES)


@njit(cache=True, nogil=True, error_model="numpy")
def _look_through(rule: Rule, rank: int, ranks: tuple[int, int], desk: Desk, floors: NDArray[np.float64]) -> int:
    """Find those of the items before that are worth an offer to either side, take out their sums, and clear all."""
    sums, found, common, owns, others = desk.sums, desk.found, desk.common, rule.own, rule.other
    form, total, least, floor = rule.form, rule.n_users, rule.min_co_occurrence, floors[rank]
    own, other = owns[rank], others[rank]
    n_found = 0
    for number in range(ranks[1] - ranks[0]):
        if sums[number, 0] >= least:
            before, count, dot = ranks[0] + number, sums[number, 0], sums[number, 1]
            is_for_us = score(form, count, dot, own, others[before], total) >= floor
            if is_for_us | (score(form, count, dot, owns[before], other, total) >= floors[before]):
                found[n_found], common[n_found, 0], common[n_found, 1] = before, count, dot
                n_found += 1
    sums[: ranks[1] - ranks[0]] = 0
    return n_found


@njit(cache=True, nogil=True, error_model="numpy")
def _walk_again(lists: Lists, rule: Rule, own: int, desk: Desk) -> int:
    """Find the items with enough users in common on the way that they were added up, and clear them."""
    entries, postings, sums, found, common = lists.entries, lists.postings, desk.sums, desk.found, desk.common
    least, origin, n_found = rule.min_co_occurrence, lists.before[0], 0
    for p in range(lists.firsts[own], lists.lasts[own]):
        start, end = _list_at(postings[p])
        for entry in range(start, end):
            number = np.int64(entries[entry, 1])
            if sums[number, 0] >= least:
                found[n_found] = origin + number
                common[n_found, 0], common[n_found, 1] = sums[number, 0], sums[number, 1]
                n_found += 1
                sums[number, 0] = 0  # so that it is not found again
    _clear_on_the_way(lists, own, sums)
    return n_found


@njit(cache=True, nogil=True, error_model="numpy")
def is_worth_looking(lists: Lists, own: int, n_before: int) -> bool:
    """Tell whether to look through all sums of an item costs less than to walk its lists again."""
    return bool(lists.additions[own] * ITEMS_AN_ADDITION >= n_before)


@njit(cache=True, nogil=True, error_model="numpy")
def clear(lists: Lists, own: int, n_before: int, sums: NDArray[np.float64]) -> None:
    """Clear what was added up for an item, the cheaper way."""
    if is_worth_looking(lists, own, n_before):
        sums[:n_before] = 0
    else:
        _clear_on_the_way(lists, own, sums)


@njit(cache=True, nogil=True, error_model="numpy")
def _clear_on_the_way(lists: Lists, own: int, sums: NDArray[np.float64]) -> None:
    entries, postings = lists.entries, lists.postings
    for p in range(lists.firsts[own], lists.lasts[own]):
        start, end = _list_at(postings[p])
        in_eights = start + ((end - start) & ~7)
        for entry in range(start, in_eights, 8):
            clear_eight(sums, entries, entry)
        for entry in range(in_eights, end):
            clear_one(sums, entries, entry)


@njit(cache=True, nogil=True, error_model="numpy")
def _offer(rule: Rule, rank: int, n_found: int, desk: Desk, best: Best, n_offers: int) -> int:
    """Keep what was found for the item itself, and write down what is for others; give how many offers there are."""
    found, common, owns, others, items = desk.found, desk.common, rule.own, rule.other, rule.items
    form, total, item, floors = rule.form, rule.n_users, items[rank], best.floors
    own, other = owns[rank], others[rank]
    ranks, offered_keys, keys = desk.offers, desk.offered_keys, best.keys
    n_kept, floor = best.counts[rank], floors[rank]
    for number in range(n_found):
        before, count, dot = found[number], common[number, 0], common[number, 1]
        ours = score(form, count, dot, own, others[before], total)
        if ours >= floor and np.float32(ours) > 0:
            keys[rank, n_kept] = key_of(np.float32(ours), items[before])
            n_kept += 1
            if n_kept == keys.shape[1]:
                n_kept, floor = leave_best(keys, rank, best.k)
        theirs = score(form, count, dot, owns[before], other, total)
        if theirs >= floors[before] and np.float32(theirs) > 0:
            ranks[n_offers], offered_keys[n_offers] = before, key_of(np.float32(theirs), item)
            n_offers += 1
    best.counts[rank], floors[rank] = n_kept, floor
    return n_offers


@njit(cache=True, nogil=True, error_model="numpy")
def pair_up(lists: Lists, rule: Rule, ranks: tuple[int, int], desk: Desk, best: Best, n_offers: int) -> tuple[int, int]:
    """Compare the items from ranks[0] up to ranks[1] with those before; give where it stopped, and how many offers.

    It stops early where the offers of one more item might not fit.
    """
    for rank in range(ranks[0], ranks[1]):
        own, before = rank - lists.ranks[0], (lists.before[0], min(rank, lists.before[1]))
        n_before = before[1] - before[0]
        if n_offers + n_before > len(desk.offers):
            return rank, n_offers
        accumulate(lists, own, desk.sums)
        if is_worth_looking(lists, own, n_before):
            n_found = _look_through(rule, rank, before, desk, best.floors)
        else:
            n_found = _walk_again(lists, rule, own, desk)
        n_offers = _offer(rule, rank, n_found, desk, best, n_offers)
    return ranks[1], n_offers


@njit(cache=True, nogil=True, error_model="numpy")
def take_offers(best: Best, desk: Desk, n_offers: int, part: int, n_parts: int) -> None:
    """Take offers among the best of every n_parts-th item, from `part` on: no two threads meet at an item."""
    keys, counts, floors, ranks, offered_keys = best.keys, best.counts, best.floors, desk.offers, desk.offered_keys
    for number in range(n_offers):
        rank = ranks[number]
        if rank % n_parts == part and score_of(offered_keys[number]) >= floors[rank]:
            keys[rank, counts[rank]] = offered_keys[number]
            counts[rank] += 1
            if counts[rank] == keys.shape[1]:
                counts[rank], floors[rank] = leave_best(keys, rank, best.k)
