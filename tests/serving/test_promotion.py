"""A version comes into service, or what was before does again: pointer, pin and replicas agree in the end."""

import threading
from collections.abc import Callable

import pytest

from cluster.errors import ClusterRefusedError, ClusterUnavailableError, RolloutFailedError, SupersededError
from cluster.lease import LeaseLostError
from model.golden import GoldenAnswer, golden_answers
from registry.pointer import CURRENT_KEY, PointerState
from runtime.errors import Exit
from serving.agreement import agree
from serving.promotion import Promotion, RolledBackError, promote, roll_out
from serving.replicas import FollowingReplicas
from tests.builders import a_connected_model
from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.rolling import Told
from tests.parts.tcp_proxy import TcpProxy
from tests.serving.shop import ADDRESS_OF, STEP_OF, Shop

GOLDEN = golden_answers(a_connected_model(STEP_OF["new"]))
OTHER_GOLDEN = golden_answers(a_connected_model(STEP_OF["old"]))


def nothing() -> None: ...


def bring_into_service(
    shop: Shop, golden: tuple[GoldenAnswer, ...] = GOLDEN, check: Callable[[], None] = nothing
) -> None:
    roll_out(shop.registry, shop.replicas, promote_new(shop), golden, check)


def promote_new(shop: Shop) -> Promotion:
    return promote(shop.registry, shop.new, "trainer", shop.registry.pointer_state())


def beside(seconds: float, do: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, do)
    timer.start()
    return timer


def test_new_version_is_in_service_everywhere(shop: Shop) -> None:
    bring_into_service(shop)
    assert shop.agreed_on(shop.new)
    assert (shop.pointer.previous, shop.pointer.promoted_by) == (shop.old, "trainer")


def test_wrong_golden_answer_brings_the_version_before_back(shop: Shop) -> None:
    before = shop.pointer
    with pytest.raises(RolledBackError) as rolled_back:
        bring_into_service(shop, OTHER_GOLDEN)
    assert shop.pointer == before, "as if it had never been promoted"
    assert shop.agreed_on(shop.old)
    assert rolled_back.value.exit_code is Exit.ROLLED_BACK
    line = str(rolled_back.value)
    assert f"did not come up with model {shop.new}: api-" in line
    assert f"where the model has {', '.join(OTHER_GOLDEN[0].similar)}" in line
    assert f"; model {shop.old} serves again. The version is kept in the store" in line


def test_wrong_version_brings_the_version_before_back(shop: Shop) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["old"]))
    with pytest.raises(RolledBackError, match=f"is pinned to {shop.new} and serves {shop.old}"):
        bring_into_service(shop)
    assert shop.agreed_on(shop.old)


def test_replicas_that_never_become_ready_bring_the_version_before_back(shop: Shop) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["new"], is_ready=False))
    shop.settings = shop.with_settings(rollout_seconds=3)
    serving = {pod["metadata"]["uid"] for pod in shop.release.pods()}
    with pytest.raises(RolledBackError, match=rf"not within 3 s: .* not ready; model {shop.old} serves again"):
        bring_into_service(shop)
    assert shop.agreed_on(shop.old)
    assert {pod["metadata"]["uid"] for pod in shop.release.pods()} == serving, "those that served go on doing so"


def test_failing_requests_bring_the_version_before_back(shop: Shop) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    shop.servers["new"].app.add_api_route("/broken", fail)
    shop.settings = shop.with_settings(rollout_watch_seconds=20)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            shop.servers["new"].client.get("/broken")

    asking = threading.Thread(target=ask)
    asking.start()
    with pytest.raises(RolledBackError, match="requests failed, and before the rollout 0 of 0 requests failed"):
        bring_into_service(shop)
    stop.set()
    asking.join()
    assert shop.agreed_on(shop.old)


def test_undo_during_the_rollout_is_left_as_it_is_and_current_json_follows(
    shop: Shop, undo: Callable[[], None]
) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["new"], is_ready=False))
    undoing = beside(1.5, undo)
    with pytest.raises(SupersededError) as superseded:
        bring_into_service(shop)
    undoing.join()
    assert superseded.value.exit_code is Exit.ROLLED_BACK
    assert shop.agreed_on(shop.old)
    assert shop.pointer.promoted_by == "kubectl changed the pin, seen by the trainer"
    assert shop.pointer.previous == shop.new


def test_pointer_that_somebody_else_moved_is_left_and_brought_to_the_replicas(shop: Shop) -> None:
    promotion = promote_new(shop)
    theirs = shop.registry.promote(shop.old, "ann", shop.registry.pointer_state())
    with pytest.raises(SupersededError, match=f"current.json does not name {shop.new} any more"):
        roll_out(shop.registry, shop.replicas, promotion, OTHER_GOLDEN, nothing)
    assert shop.pointer == theirs
    assert shop.agreed_on(shop.old)


def test_rollout_that_went_well_for_a_version_that_is_not_wanted_any_more_is_taken_back(shop: Shop) -> None:
    promotion = promote_new(shop)
    theirs = shop.registry.promote(shop.old, "ann", shop.registry.pointer_state())
    with pytest.raises(SupersededError, match=r"current\.json was changed while model"):
        roll_out(shop.registry, shop.replicas, promotion, GOLDEN, nothing)
    assert shop.pointer == theirs
    assert shop.agreed_on(shop.old)


def test_first_model_that_differs_stays_and_fails_the_run(shop: Shop) -> None:
    shop.registry.store.delete(CURRENT_KEY)
    promotion = promote(shop.registry, shop.new, "trainer", PointerState())
    with pytest.raises(RolloutFailedError, match="It is the first model, so there is none to go back to") as failed:
        roll_out(shop.registry, shop.replicas, promotion, OTHER_GOLDEN, nothing)
    assert failed.value.exit_code is Exit.FAILED
    assert shop.pointer == promotion.pointer


def test_cluster_that_refuses_the_restart_leaves_all_as_it_was(rolling_plane: ControlPlane, shop: Shop) -> None:
    before, namespace = shop.pointer, shop.release.namespace
    without_rights = rolling_plane.service_account_kubeconfig(namespace, "default")
    shop.settings = shop.with_settings(kubeconfig=str(without_rights))
    with pytest.raises(ClusterRefusedError, match="is forbidden"):
        bring_into_service(shop)
    assert shop.pointer == before
    assert shop.agreed_on(shop.old)


def test_cluster_that_is_gone_leaves_all_as_it_was(shop: Shop, way: TcpProxy) -> None:
    before = shop.pointer
    way.refuse()
    with pytest.raises(ClusterUnavailableError):
        bring_into_service(shop)
    assert shop.pointer == before
    assert shop.agreed_on(shop.old)


def test_cluster_that_goes_during_the_rollout_is_mended_when_it_is_back(shop: Shop, way: TcpProxy) -> None:
    before = shop.pointer
    shop.settings = shop.with_settings(rollout_seconds=4)
    shop.node.run(shop.new, Told(ADDRESS_OF["new"], is_ready=False))
    gone = beside(2, way.refuse)
    with pytest.raises(RolledBackError, match=f"current.json names {shop.old} again, but not all replicas serve it"):
        bring_into_service(shop)
    gone.join()
    assert shop.pointer == before
    assert shop.release.pinned() == shop.new
    way.heal()
    done = agree(shop.registry, shop.replicas, "the monitor")
    assert done
    assert f"a restart was lost, and the replicas restart with {shop.old} now" in done
    assert shop.agreed_on(shop.old)


def test_restart_whose_answer_was_lost_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    replicas = shop.replicas
    really_pin = replicas.deployment.pin

    def pin(version: str, cause: str) -> None:
        really_pin(version, cause)
        raise ClusterUnavailableError("the answer was lost")

    monkeypatch.setattr(replicas.deployment, "pin", pin)
    roll_out(shop.registry, replicas, promote_new(shop), GOLDEN, nothing)
    assert shop.agreed_on(shop.new)


def test_trainer_that_lost_its_lease_writes_nothing_more(shop: Shop) -> None:
    shop.node.run(shop.new, Told(ADDRESS_OF["new"], is_ready=False))
    promotion = promote_new(shop)

    def check() -> None:
        if shop.release.pinned() == shop.new:
            raise LeaseLostError("another took it")

    with pytest.raises(LeaseLostError):
        roll_out(shop.registry, shop.replicas, promotion, GOLDEN, check)
    assert shop.pointer == promotion.pointer
    assert shop.release.pinned() == shop.new


def test_store_that_is_away_when_the_pointer_should_go_back_is_said(shop: Shop) -> None:
    promotion = promote_new(shop)
    shop.folder.rename(shop.folder.with_name("away"))
    shop.folder.write_text("a file where the store was")
    with pytest.raises(RolloutFailedError, match=r"and current\.json could not be put back: "):
        roll_out(shop.registry, shop.replicas, promotion, OTHER_GOLDEN, nothing)
    assert shop.release.pinned() == shop.new, "the two still agree"


def test_nothing_is_done_where_servers_follow_by_themselves(shop: Shop) -> None:
    roll_out(shop.registry, FollowingReplicas(), promote_new(shop), OTHER_GOLDEN, nothing)
    assert shop.pointer.version == shop.new
    assert shop.release.pinned() == shop.old
