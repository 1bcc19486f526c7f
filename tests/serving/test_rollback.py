"""Going back on request: pointer, then pin; both or none; and asking again repairs."""

from pathlib import Path

import pytest

from cluster.errors import ClusterUnavailableError
from registry.pointer import CURRENT_KEY, Pointer
from runtime.errors import BadSettingsError
from serving.replicas import FollowingReplicas
from serving.rollback import roll_back
from tests.api.live import wait_until
from tests.parts.tcp_proxy import TcpProxy
from tests.serving.shop import Shop


@pytest.fixture
def on_new(shop: Shop) -> Shop:
    """The shop with the new model in service and the old one before it."""
    shop.registry.promote(shop.new, "trainer", shop.registry.pointer_state())
    shop.replicas.pin(shop.new, "a test")
    shop.release.until_rolled()
    return shop


def go_back(shop: Shop, folder: Path, version: str | None = None) -> Pointer:
    return roll_back(shop.registry, shop.replicas, version, "ann", folder)


def test_pointer_pin_and_replicas_go_back_together(on_new: Shop, tmp_path: Path) -> None:
    pointer = go_back(on_new, tmp_path)
    assert (pointer.version, pointer.previous, pointer.promoted_by) == (on_new.old, on_new.new, "ann")
    assert on_new.agreed_on(on_new.old)


def test_cluster_that_is_gone_leaves_current_json_as_it_was_and_the_same_can_be_asked_again(
    on_new: Shop, way: TcpProxy, tmp_path: Path
) -> None:
    before = on_new.pointer
    way.refuse()
    for _ in range(2):
        with pytest.raises(ClusterUnavailableError, match=rf"; current\.json names {on_new.new} again"):
            go_back(on_new, tmp_path)
        assert on_new.pointer == before
    way.heal()
    go_back(on_new, tmp_path)
    assert on_new.agreed_on(on_new.old)


def test_version_in_service_is_refused(on_new: Shop, tmp_path: Path) -> None:
    with pytest.raises(BadSettingsError, match="is in service already"):
        go_back(on_new, tmp_path, on_new.new)


def test_version_that_the_replicas_never_heard_of_is_pinned_again(on_new: Shop, tmp_path: Path) -> None:
    lost = on_new.registry.promote(on_new.old, "a rollback that died", on_new.registry.pointer_state())
    assert go_back(on_new, tmp_path, on_new.old) == lost
    assert on_new.agreed_on(on_new.old)


def test_rollback_from_a_damaged_pointer_whose_restart_fails_is_left_to_the_monitor(
    on_new: Shop, way: TcpProxy, tmp_path: Path
) -> None:
    on_new.registry.store.put(CURRENT_KEY, b"{")
    way.refuse()
    with pytest.raises(ClusterUnavailableError, match="which the monitor brings to the replicas"):
        go_back(on_new, tmp_path, on_new.old)
    assert on_new.pointer.version == on_new.old


def test_server_that_follows_by_itself_needs_the_pointer_alone(on_new: Shop, tmp_path: Path) -> None:
    roll_back(on_new.registry, FollowingReplicas(), None, "ann", tmp_path)
    assert on_new.pointer.version == on_new.old
    assert on_new.release.pinned() == on_new.new
    with pytest.raises(BadSettingsError, match="is in service already"):
        roll_back(on_new.registry, FollowingReplicas(), on_new.old, "ann", tmp_path)
    wait_until(lambda: on_new.release.pinned() == on_new.new)
