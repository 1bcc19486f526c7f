"""One trainer at a time, whatever becomes of the one before."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from cluster.lease import DURATION_SECONDS, Lease, LeaseLostError, LeaseTakenError
from runtime.errors import Exit
from tests.kubernetes.release import Json, Release

SOON = 0.05


def lease_of(release: Release, holder: str, renew_seconds: float = 10.0) -> Lease:
    return Lease(release.connection, "trainer", holder, "trainer", renew_seconds)


def read(release: Release) -> Json:
    return release.read("coordination", "lease", "trainer")


def change(release: Release, patch: Json) -> None:
    call = release.connection.coordination.patch_namespaced_lease
    release.connection.ask("change", call, "trainer", release.namespace, patch)


def holder(release: Release) -> str:
    return str(read(release)["spec"].get("holderIdentity", ""))


def moment(ago_seconds: float) -> str:
    return f"{datetime.now(UTC) - timedelta(seconds=ago_seconds):%Y-%m-%dT%H:%M:%S.%fZ}"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def fails(lease: Lease) -> bool:
    try:
        lease.check()
    except LeaseLostError:
        return True
    return False


def test_lease_names_its_holder_and_is_free_at_once_afterwards(release: Release) -> None:
    with lease_of(release, "pod-1").held() as lease:
        lease.check()
        assert holder(release) == "pod-1"
        assert read(release)["spec"]["leaseDurationSeconds"] == DURATION_SECONDS
    assert holder(release) == ""
    with lease_of(release, "pod-2").held():
        assert holder(release) == "pod-2"
        assert read(release)["spec"]["leaseTransitions"] == 2


def test_second_trainer_is_refused_with_the_holders_name(release: Release) -> None:
    second = lease_of(release, "pod-2")
    with lease_of(release, "pod-1").held(), pytest.raises(LeaseTakenError) as taken, second.held():
        pass
    assert "another trainer is at work: pod-1 holds Lease" in str(taken.value)
    assert taken.value.exit_code is Exit.TRY_AGAIN


def test_of_many_at_once_exactly_one_has_it(release: Release) -> None:
    together, all_tried = threading.Barrier(8), threading.Barrier(8)

    def try_it(number: int) -> bool:
        together.wait()
        try:
            with lease_of(release, f"pod-{number}").held():
                all_tried.wait(20)
                return True
        except LeaseTakenError:
            all_tried.wait(20)
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == 1


def test_holder_that_died_is_followed_once_its_time_has_run_out(release: Release) -> None:
    with lease_of(release, "pod-1").held():
        change(release, {"spec": {"renewTime": moment(ago_seconds=DURATION_SECONDS - 2)}})
        with pytest.raises(LeaseTakenError), lease_of(release, "pod-2").held():
            pass
        change(release, {"spec": {"renewTime": moment(ago_seconds=DURATION_SECONDS + 1)}})
        with lease_of(release, "pod-2").held():
            assert holder(release) == "pod-2"


def test_lease_is_renewed_for_as_long_as_it_is_held(release: Release) -> None:
    with lease_of(release, "pod-1", renew_seconds=SOON).held() as lease:
        first = read(release)["spec"]
        wait_until(lambda: bool(read(release)["spec"]["renewTime"] > first["renewTime"]))
        assert read(release)["spec"]["acquireTime"] == first["acquireTime"]
        lease.check()


def test_holder_whose_lease_was_taken_may_not_write(release: Release) -> None:
    with lease_of(release, "pod-1", renew_seconds=SOON).held() as lease:
        change(release, {"spec": {"holderIdentity": "pod-2", "renewTime": moment(ago_seconds=0)}})
        wait_until(lambda: fails(lease))
        with pytest.raises(LeaseLostError, match=r"was lost: pod-2 took it\. Nothing was written since"):
            lease.check()
    assert holder(release) == "pod-2"


def test_holder_that_could_not_renew_in_time_may_not_write(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cluster.lease._LOST_AFTER_SECONDS", 2 * SOON)
    with lease_of(release, "pod-1").held() as lease:
        wait_until(lambda: fails(lease))
        with pytest.raises(LeaseLostError, match="it was not renewed for"):
            lease.check()


def test_label_that_somebody_puts_on_a_lease_does_not_lose_it(release: Release) -> None:
    with lease_of(release, "pod-1", renew_seconds=SOON).held() as lease:
        change(release, {"metadata": {"labels": {"seen": "yes"}}})
        before = read(release)["spec"]["renewTime"]
        wait_until(lambda: bool(read(release)["spec"]["renewTime"] > before))
        lease.check()
    assert holder(release) == ""
    assert read(release)["metadata"]["labels"] == {"seen": "yes"}


def test_lease_is_deleted_with_the_cronjob(release: Release) -> None:
    with lease_of(release, "pod-1").held():
        pass
    (owner,) = read(release)["metadata"]["ownerReferences"]
    assert owner["uid"] == release.read("batch", "cron_job", "trainer")["metadata"]["uid"]
