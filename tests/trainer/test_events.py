from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.ids import Ids
from tests.builders import integer_ids, string_ids
from trainer.arrays.scratch import IN_MEMORY, OnDisk
from trainer.events import Events


def some_events(users: Ids, products: Ids) -> Events:
    """Four events of users 0, 2, 2, 1 with products 1, 1, 0, 2."""
    return Events(
        users,
        products,
        ("purchase", "view"),
        np.array([0, 2, 2, 1], np.int32),
        np.array([1, 1, 0, 2], np.int32),
        np.array([1.0, 0.3, 0.3, 1.0], np.float32),
        np.array([10, 20, 30, 40], np.uint32),
        np.array([0, 1, 1, 0], np.uint8),
    )


@pytest.mark.parametrize("text", [False, True])
def test_ids_without_an_event_are_dropped_and_the_others_keep_their_events(text: bool) -> None:
    users: Ids = string_ids(["a", "b", "c"]) if text else integer_ids([1, 2, 3])
    events = some_events(users, integer_ids([10, 20, 30]))
    purchases = events.where(events.kind == 0).without_unused_ids()
    named = zip(purchases.user_idx.tolist(), purchases.item_idx.tolist(), strict=True)
    assert [(purchases.users.at(u), purchases.products.at(i)) for u, i in named] == [
        (users.at(0), "20"),
        (users.at(1), "30"),
    ]
    assert (len(purchases.users), len(purchases.products)) == (2, 2)
    assert purchases.counts == {"purchase": 2, "view": 0}


def test_what_is_told_of_each_event_is_told_of_all_blocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("trainer.events._BLOCK_EVENTS", 3)
    events = some_events(integer_ids([1, 2, 3]), integer_ids([10, 20, 30]))
    is_third = np.array([False, False, True])
    for scratch in (IN_MEMORY, OnDisk(tmp_path, 1)):
        told = replace(events, scratch=scratch).each(lambda block: is_third[events.user_idx[block]])
        assert (told.dtype.name, told.tolist()) == ("bool", [False, True, True, False])


def test_nothing_is_copied_where_every_id_has_an_event() -> None:
    events = some_events(integer_ids([1, 2, 3]), integer_ids([10, 20, 30]))
    assert events.without_unused_ids().user_idx is events.user_idx


def test_until_is_the_time_of_the_newest_event() -> None:
    events = some_events(integer_ids([1, 2, 3]), integer_ids([10, 20, 30]))
    assert events.until
    assert events.until.timestamp() == 40
    assert events.where(events.occurred_at > 100).until is None


def test_new_weights_leave_the_rest_as_it_was() -> None:
    events = some_events(integer_ids([1, 2, 3]), integer_ids([10, 20, 30]))
    heavier = events.with_weight(events.weight * 2)
    assert heavier.weight.tolist() == pytest.approx([2.0, 0.6, 0.6, 2.0])
    assert heavier.user_idx is events.user_idx
