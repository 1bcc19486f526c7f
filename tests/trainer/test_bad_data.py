"""Bad data: one clear line that names what, where and what to do, and the exit code."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.files import FileStore
from registry.history import read_history
from registry.registry import Registry
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.shops import LOG_EVENTS, NOW, Event, a_dense_shop, log_events, log_tables

pytestmark = pytest.mark.usefixtures("store_path")


def test_empty_tables(shop: Engine) -> None:  # noqa: ARG001
    assert_one_clear_line(train(), 65, "the purchase query gave no event", "Is the table filled")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (a_dense_shop(60, 9), "9 products with events, MIN_PRODUCTS asks for 10"),
        (a_dense_shop(49, 12), "49 users with events, MIN_USERS asks for 50"),
        ([(u, u % 12, NOW) for u in range(60)], "no two products have 5 users in common (MIN_CO_OCCURRENCE)"),
        ([(None, p, NOW) for p in range(12)], "the purchase query gave no event that can be used"),
        ([(1, p, NOW + timedelta(days=9999)) for p in range(12)], "the purchase query gave no event that can be used"),
    ],
    ids=["9 products", "49 users", "no pair in common", "all ids null", "all in the future"],
)
def test_data_that_makes_no_sound_model(shop: Engine, store_path: Path, events: list[Event], reason: str) -> None:
    log_tables(shop)
    log_events(shop, "bought", events)
    assert_one_clear_line(train(EVENTS=LOG_EVENTS), 65, reason)
    (entry,) = read_history(FileStore(store_path))
    assert entry.outcome == "invalid"
    assert reason in (entry.reason or "")


def test_invalid_data_keeps_the_model_in_service(sample_shop_url: str, shop: Engine, store_path: Path) -> None:
    assert train(DATABASE_URL=sample_shop_url).exit_code == 0
    before = Registry(FileStore(store_path)).current()
    log_tables(shop)
    log_events(shop, "bought", a_dense_shop(49, 12))
    assert train(EVENTS=LOG_EVENTS).exit_code == 65
    assert Registry(FileStore(store_path)).current() == before
