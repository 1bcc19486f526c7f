"""Where current.json and the pin differ, the later of the two holds, and the other follows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cluster.errors import SupersededError
from cluster.pin import Pin
from registry.pointer import CURRENT_KEY, LostRaceError, Pointer, PointerState
from serving.agreement import Standing, agree, standing
from serving.replicas import FollowingReplicas
from tests.kubernetes.rolling import Told
from tests.serving.shop import ADDRESS_OF, Shop

OLD, NEW = "20250104T020000Z-1f3c9a2e", "20250105T020000Z-7dd89d83"
NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)


def a_standing(pin: Pin, *, promoted_at: datetime = NOW) -> Standing:
    pointer = Pointer(version=NEW, previous=OLD, promoted_at=promoted_at, promoted_by="ann")
    return Standing(PointerState(pointer, "an etag"), pin)


@pytest.mark.parametrize(
    ("pin", "is_later"),
    [
        (Pin(OLD, "kubectl", NOW + MINUTE), True),
        (Pin(OLD, "kubectl", NOW - timedelta(seconds=20)), True),
        (Pin(OLD, "kubectl", NOW - MINUTE), False),
        (Pin(OLD, "recommender", NOW + MINUTE), False),
        (Pin(OLD, "kubectl", None), False),
        (Pin(OLD), False),
    ],
    ids=["an undo", "an undo by a clock that goes after", "one of long ago", "ours", "of no time", "of nobody"],
)
def test_pin_is_later_where_somebody_else_changed_it_after_the_pointer(pin: Pin, *, is_later: bool) -> None:
    assert a_standing(pin).pin_is_later is is_later


def test_replicas_without_a_pin_agree_with_whatever_they_follow() -> None:
    assert a_standing(Pin(None)).agrees
    assert Standing(PointerState(), Pin(None)).agrees
    assert not Standing(PointerState(), Pin(OLD)).agrees
    assert a_standing(Pin(NEW)).agrees


def test_agreement_is_left_alone(shop: Shop) -> None:
    before = shop.release.template_annotations()
    assert agree(shop.registry, shop.replicas, "a test") is None
    assert shop.release.template_annotations() == before
    assert agree(shop.registry, FollowingReplicas(), "a test") is None


def test_current_json_follows_an_undo(shop: Shop, undo: Callable[[], None]) -> None:
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    undo()
    done = agree(shop.registry, shop.replicas, "the monitor")
    assert done == (
        f"current.json names {shop.new}, the replicas are pinned to {shop.old}, which kubectl changed later: "
        f"current.json names {shop.old} now"
    )
    assert shop.agreed_on(shop.old)
    assert (shop.pointer.previous, shop.pointer.promoted_by) == (
        shop.new,
        "kubectl changed the pin, seen by the monitor",
    )
    assert agree(shop.registry, shop.replicas, "the monitor") is None


def test_replicas_follow_current_json_where_their_restart_was_lost(shop: Shop) -> None:
    shop.registry.promote(shop.new, "api", shop.registry.pointer_state())
    done = agree(shop.registry, shop.replicas, "the monitor")
    assert done
    assert done.endswith(f"a restart was lost, and the replicas restart with {shop.new} now")
    assert shop.agreed_on(shop.new)
    cause = shop.release.read("apps", "deployment", "api")["metadata"]["annotations"]["kubernetes.io/change-cause"]
    assert cause == f"model {shop.new}, as current.json says"


def test_promotion_long_after_an_undo_holds(
    shop: Shop, undo: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    undo()
    monkeypatch.setattr("serving.agreement._CLOCKS_DIFFER_BY", -MINUTE)
    assert not standing(shop.registry, shop.replicas).pin_is_later
    agree(shop.registry, shop.replicas, "the monitor")
    assert shop.agreed_on(shop.new)


@pytest.mark.parametrize("damage", ["the manifest is gone", "the file is cut"])
def test_pin_to_what_does_not_load_gives_way(shop: Shop, undo: Callable[[], None], damage: str) -> None:
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    if damage == "the manifest is gone":
        shop.registry.store.delete(f"models/{shop.old}/manifest.json")
    else:
        (shop.folder / "models" / shop.old / "model.safetensors").write_bytes(b"cut")
    undo()
    assert agree(shop.registry, shop.replicas, "the monitor")
    assert shop.agreed_on(shop.new)


def test_damaged_current_json_is_mended_by_what_somebody_pinned(shop: Shop, undo: Callable[[], None]) -> None:
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    undo()
    shop.registry.store.put(CURRENT_KEY, b"{")
    done = agree(shop.registry, shop.replicas, "the monitor")
    assert done
    assert "current.json is damaged" in done
    assert shop.pointer.version == shop.old


def test_nothing_is_done_where_neither_can_be_followed(shop: Shop) -> None:
    shop.registry.store.put(CURRENT_KEY, b"{")
    assert agree(shop.registry, shop.replicas, "the monitor") is None
    assert shop.release.pinned() == shop.old


def test_pointer_that_moves_meanwhile_is_not_overwritten(
    shop: Shop, undo: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    undo()
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    seen = shop.registry.pointer_state()
    shop.registry.promote(shop.new, "ann", seen)
    monkeypatch.setattr(shop.registry, "pointer_state", lambda: seen)
    with pytest.raises(LostRaceError):
        agree(shop.registry, shop.replicas, "the monitor")


def test_pin_that_changes_meanwhile_is_not_overwritten(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.registry.promote(shop.new, "api", shop.registry.pointer_state())
    replicas = shop.replicas
    seen = replicas.pinned()
    shop.node.run(NEW, Told(ADDRESS_OF["old"]))
    shop.replicas.pin(NEW, "by somebody else")
    monkeypatch.setattr(replicas, "pinned", lambda: seen)
    with pytest.raises(SupersededError):
        agree(shop.registry, replicas, "the monitor")
    assert shop.release.pinned() == NEW
