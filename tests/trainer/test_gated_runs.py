"""What the gate, a person's word and a backfill make of a whole run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from registry.files import FileStore
from registry.history import read_history
from registry.registry import Registry
from tests.trainer.running import assert_one_clear_line, train


@pytest.fixture(autouse=True)
def shop_url(sample_shop_url: str, store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: ARG001
    """Give a copy of the sample shop that a test may break, with a store that holds a model of it whole."""
    source = make_url(sample_shop_url).database
    assert source
    shutil.copy(source, tmp_path / "shop.db")
    url = f"sqlite:///{tmp_path}/shop.db"
    monkeypatch.setenv("DATABASE_URL", url)
    assert train().exit_code == 0
    return url


def lose_half_of_the_orders(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM order_items WHERE order_id % 2 = 0"))
    engine.dispose()


def current(path: Path) -> str:
    pointer = Registry(FileStore(path)).current()
    assert pointer
    return pointer.version


def last_entry(path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads((path / "metrics.json").read_text())[-1]
    return entry


def test_rejected_candidate_leaves_the_champion_serving(shop_url: str, store_path: Path) -> None:
    champion = current(store_path)
    lose_half_of_the_orders(shop_url)
    ended = train()
    assert ended.exit_code == 0
    assert "Rejected, and the model in service stays. events: " in ended.log
    assert "--force" in ended.log
    assert "Outcome: rejected" in ended.log
    assert "TRAINING COMPLETED (REJECTED)" in ended.log
    assert current(store_path) == champion
    entry = last_entry(store_path)
    assert entry["outcome"] == "rejected"
    assert entry["reason"].startswith("events: ")


def test_gate_table_is_the_same_in_log_manifest_and_history(shop_url: str, store_path: Path) -> None:
    lose_half_of_the_orders(shop_url)
    ended = train(LOG_FORMAT="json")
    entry = last_entry(store_path)
    manifest = Registry(FileStore(store_path)).manifest(entry["version"])
    assert manifest.gate == entry["gate"] == [record["gate"] for record in ended.records if "gate" in record]
    assert [row["rule"] for row in manifest.gate if row["verdict"] == "rejected"] == ["events", "forgotten"]
    assert not manifest.accepted
    assert manifest.forced is None


def test_forced_candidate_goes_live_and_says_who_and_why(shop_url: str, store_path: Path) -> None:
    lose_half_of_the_orders(shop_url)
    ended = train("--force", "we sold half of the shop", USER="eve")
    assert "Outcome: promoted" in ended.log
    registry = Registry(FileStore(store_path))
    pointer = registry.current()
    assert pointer
    assert pointer.promoted_by == "trainer, forced by eve: we sold half of the shop"
    manifest = registry.manifest(pointer.version)
    assert (manifest.accepted, manifest.forced) == (False, {"by": "eve", "reason": "we sold half of the shop"})
    assert read_history(registry.store)[-1].forced == manifest.forced
    assert "Outcome: promoted" in train().log, "what was forced once is usual from then on"


def test_force_leaves_no_mark_on_a_candidate_that_needs_none(store_path: Path) -> None:
    train("--force", "just in case")
    registry = Registry(FileStore(store_path))
    manifest = registry.manifest(current(store_path))
    assert (manifest.accepted, manifest.forced) == (True, None)


def test_rule_that_only_warns_lets_the_candidate_through(shop_url: str, store_path: Path) -> None:
    champion = current(store_path)
    lose_half_of_the_orders(shop_url)
    ended = train(GATE='{"events": {"action": "warn"}, "forgotten": {"action": "off"}}')
    assert "WARNING: Gate: events warned" in ended.log
    assert current(store_path) != champion


def test_backfill_knows_nothing_of_later_and_goes_not_live(store_path: Path) -> None:
    champion = current(store_path)
    ended = train("--as-of", "2024-10-01T02:00")
    assert ended.exit_code == 0
    assert "Outcome: published" in ended.log
    assert current(store_path) == champion
    entry = last_entry(store_path)
    manifest = Registry(FileStore(store_path)).manifest(entry["version"])
    assert str(manifest.as_of) == "2024-10-01 02:00:00+00:00"
    assert manifest.data_until
    assert manifest.as_of
    assert manifest.data_until <= manifest.as_of
    assert manifest.events["purchase"] < 8014


def test_backfill_goes_live_where_it_is_told_to(store_path: Path) -> None:
    train("--as-of", "2024-10-01", "--promote")
    entry = last_entry(store_path)
    assert (entry["outcome"], entry["version"]) == ("promoted", current(store_path))
    assert "Outcome: promoted" in train().log, "a backfill is no measure of what is usual"


@pytest.mark.parametrize(
    ("arguments", "environment", "parts"),
    [
        (["--promote"], {}, ["PROMOTE", "AS_OF"]),
        (["--as-of", "yesterday"], {}, ["AS_OF='yesterday'"]),
        (["--as-of", "2999-01-01"], {}, ["AS_OF", "must be in the past"]),
        ([], {"GATE": '{"speed": {"action": "warn"}}'}, ["GATE", "no rule 'speed'", "champion"]),
        ([], {"GATE": '{"events": {"action": "panic"}}'}, ["GATE.events.action='panic'", "reject"]),
        ([], {"GATE": '{"events": {"threshold": -1}}'}, ["GATE.events.threshold"]),
    ],
)
def test_wrong_option_is_one_clear_line(arguments: list[str], environment: dict[str, str], parts: list[str]) -> None:
    assert_one_clear_line(train(*arguments, **environment), 64, *parts)


def test_backfill_before_the_first_event_is_bad_data() -> None:
    assert_one_clear_line(train("--as-of", "1999-01-01"), 65, "no event had occurred by 1999-01-01", "--as-of")


def test_events_since_the_model_in_service_are_measured_for_the_monitor(shop_url: str, store_path: Path) -> None:
    assert "events_since_champion" not in last_entry(store_path)["data"]
    engine = create_engine(shop_url)
    views = [{"user": user, "product": product} for user, product in ((1, 9001), (2, 9001), (3, 9002), (4, 1))]
    with engine.begin() as connection:
        insert = (
            "INSERT INTO product_views (user_id, product_id, viewed_at) VALUES (:user, :product, '2025-01-06 10:00')"
        )
        connection.execute(text(insert), views)
    engine.dispose()
    assert train().exit_code == 0
    data = last_entry(store_path)["data"]
    assert (data["events_since_champion"], data["unknown_products_share"]) == (4, 0.75)
    manifest = Registry(FileStore(store_path)).manifest(current(store_path))
    assert manifest.data["unknown_products_share"] == 0.75
    assert len(manifest.golden) == 5
