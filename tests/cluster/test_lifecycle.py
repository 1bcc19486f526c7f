"""`up` and `down` come to the same end from wherever they start, and `down` leaves the machine as it was."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable

import pytest

from tests.cluster.second_cluster import SecondCluster
from tests.cluster.traces import traces

pytestmark = pytest.mark.cluster


def kill_up_after(cluster: SecondCluster, seconds: float) -> None:
    """Start `up` and kill it as it goes."""
    with cluster.start(sys.executable, "-m", "tests.cluster", "up") as process:
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)


def pids(cluster: SecondCluster) -> dict[str, int]:
    """Give the process of each component that runs."""
    return {name: int(pid) for name, pid in re.findall(r"(\S+) +process (\d+)", cluster.command("status"))}


def ready_nodes(cluster: SecondCluster) -> str:
    return cluster.kubectl("get", "nodes", "--no-headers")


def test_second_up_changes_nothing_and_takes_no_time(cluster: SecondCluster) -> None:
    before = pids(cluster)
    started = time.monotonic()
    assert f"export KUBECONFIG={cluster.site.kubeconfig('admin')}" in cluster.command("up")
    assert time.monotonic() - started < 5
    assert pids(cluster) == before
    assert " Ready " in ready_nodes(cluster)


def test_down_leaves_nothing_and_the_next_up_has_what_was_there(place: SecondCluster) -> None:
    place.command("down")
    before = traces(place)
    place.command("up")
    place.kubectl("create", "configmap", "kept", "--from-literal=word=yes")
    place.kubectl("run", "idle", "--image=docker.io/local/pause:1")
    place.kubectl("wait", "--for=condition=Ready", "pod/idle", "--timeout=60s")
    assert len(traces(place)) > len(before)
    place.command("down")
    assert traces(place) == before
    place.command("up")
    assert place.kubectl("get", "configmap", "kept", "--output=jsonpath={.data.word}") == "yes"
    place.kubectl("wait", "--for=condition=Ready", "pod/idle", "--timeout=60s")
    place.kubectl("delete", "pod/idle", "configmap/kept", "--now")


def test_down_without_a_cluster_is_well(place: SecondCluster) -> None:
    place.command("down")
    before = traces(place)
    place.command("down")
    assert traces(place) == before


@pytest.mark.parametrize("seconds", [0.6, 2.0, 4.0])
def test_up_that_was_killed_is_mended_by_the_next(place: SecondCluster, seconds: float) -> None:
    place.command("down", "--purge")
    kill_up_after(place, seconds)
    place.command("up")
    assert " Ready " in ready_nodes(place)


@pytest.mark.parametrize("seconds", [0.6, 2.0, 4.0])
def test_up_that_was_killed_is_taken_away_by_down(place: SecondCluster, seconds: float) -> None:
    place.command("down", "--purge")
    before = traces(place)
    kill_up_after(place, seconds)
    place.command("down", "--purge")
    until_equal(lambda: traces(place), before)  # a key that openssl was making as it was killed is soon made
    assert not place.site.folder.exists()


def until_equal(look: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + 10
    while (found := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == wanted


def test_component_that_died_is_started_again(cluster: SecondCluster) -> None:
    before = pids(cluster)
    for name in ("kubelet", "coredns"):
        os.kill(before[name], signal.SIGKILL)
    cluster.command("up")
    after = pids(cluster)
    assert {name for name in before if after[name] != before[name]} == {"kubelet", "coredns"}
    assert " Ready " in ready_nodes(cluster)
