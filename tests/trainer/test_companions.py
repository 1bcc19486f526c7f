"""What shoppers compare, and what they put together, next to a count by hand."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from model.companions import Companions
from tests.trainer.evaluation.shops import Row, a_shop, events_of, some_settings
from trainer.companions import companion_lists
from trainer.events import Events
from trainer.model_trainer import ModelTrainer

PHONE, RIVAL, CASE = 1, 2, 3


def a_phone_shop() -> Events:
    """Ten shoppers compare two phones; all buy one of them, and a case; two buy both phones. Ninety do other things."""
    rows: list[Row] = []
    for user in range(10):
        rows += [(user, PHONE, 1.0, "view"), (user, RIVAL, 1.0, "view")]
        rows += [(user, PHONE if user % 2 else RIVAL, 2.0, "purchase"), (user, CASE, 2.0, "purchase")]
    rows += [(user, product, 3.0, "purchase") for user in (0, 1) for product in (PHONE, RIVAL)]
    rows += [(user, 100 + user % 7, 1.0, kind) for user in range(10, 100) for kind in ("purchase", "view")]
    return events_of(rows, ("purchase", "view"))


def named(events: Events, companions: Companions | None, product: int) -> dict[int, int]:
    assert companions is not None
    item = events.products.find(str(product))
    assert item is not None
    items, shoppers = companions.row(item)
    return {int(events.products.at(idx)): count for idx, count in zip(items.tolist(), shoppers.tolist(), strict=True)}


def test_what_is_compared_is_a_substitute_and_what_is_bought_along_a_complement() -> None:
    events = a_phone_shop()
    lists = companion_lists(ModelTrainer(some_settings()), events)
    assert named(events, lists.substitutes, PHONE) == {RIVAL: 10}
    assert named(events, lists.complements, PHONE) == {CASE: 6}
    assert named(events, lists.complements, CASE) == {PHONE: 6, RIVAL: 6}
    assert named(events, lists.substitutes, CASE) == {}


def test_a_pair_that_is_both_stands_where_it_is_more() -> None:
    """Two shoppers bought both phones: that is more than chance, and less than the looking is."""
    events = a_phone_shop()
    lists = companion_lists(ModelTrainer(some_settings()), events)
    assert RIVAL not in named(events, lists.complements, PHONE)
    only_bought = events.where(events.kind == 0)
    alone = companion_lists(ModelTrainer(some_settings()), only_bought)
    assert named(events, alone.complements, PHONE) == {CASE: 6, RIVAL: 2}


@pytest.mark.parametrize("kind", ["view", "purchase"])
def test_shoppers_are_counted_as_by_hand(kind: str) -> None:
    events = a_shop()
    lists = companion_lists(ModelTrainer(some_settings(companions=1_000)), events)
    found = lists.substitutes if kind == "view" else lists.complements
    assert found
    chosen = events.kind == events.kinds.index(kind)
    had: dict[int, set[int]] = {}
    for user, item in zip(events.user_idx[chosen].tolist(), events.item_idx[chosen].tolist(), strict=True):
        had.setdefault(user, set()).add(item)
    counts = Counter(pair for items in had.values() for pair in permutations(items, 2))
    assert found.n_pairs > 500
    for item in range(found.n_items):
        companions, shoppers = found.row(item)
        assert [counts[item, other] for other in companions.tolist()] == shoppers.tolist()


def test_lists_are_as_short_as_is_asked_for_and_best_first() -> None:
    events = a_shop()
    few, many = (companion_lists(ModelTrainer(some_settings(companions=n)), events).complements for n in (3, 500))
    assert few
    assert many
    assert np.diff(few.indptr).max() == 3
    for item in range(few.n_items):
        length = len(few.row(item)[0])
        assert few.row(item)[0].tolist() == many.row(item)[0].tolist()[:length]


def test_pairs_of_few_shoppers_are_left_out() -> None:
    events = a_phone_shop()
    lists = companion_lists(ModelTrainer(some_settings(min_co_occurrence=7)), events)
    assert named(events, lists.substitutes, PHONE) == {RIVAL: 10}
    assert named(events, lists.complements, PHONE) == {}


def test_none_are_made_where_none_are_asked_for_or_no_event_tells() -> None:
    lists = companion_lists(ModelTrainer(some_settings(companions=0)), a_shop())
    assert (lists.substitutes, lists.complements) == (None, None)
    only_bought = companion_lists(ModelTrainer(some_settings()), events_of([(1, 1, 1.0), (1, 2, 1.0)]))
    assert only_bought.substitutes is None
    assert only_bought.complements is not None
