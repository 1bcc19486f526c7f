"""From whatever runs to nothing: every process, mount, address, rule and cgroup of the cluster goes."""

import shutil
import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from tests.cluster.cgroups import cgroup_leftovers, kill_pods, pod_pids, remove_cgroups
from tests.cluster.errors import ClusterError
from tests.cluster.host_network import clean_network, network_leftovers
from tests.cluster.kernel_settings import are_changed, restore_kernel_settings
from tests.cluster.lock import locked
from tests.cluster.mounts import mounts, unmount_all
from tests.cluster.preflight import check_root
from tests.cluster.processes import SHIM, kill, running, stop
from tests.cluster.runtime_leftovers import clean_runtime, runtime_leftovers
from tests.cluster.site import Site

_CLIENTS: Final = ("kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "metrics-server")


def down(site: Site, say: Callable[[str], None], *, purge: bool = False) -> None:
    """Take the cluster away; what it was told and its images stay for the next start, unless they are purged.

    Raises ClusterError naming whatever could not be taken away.
    """
    check_root()
    with locked(site):
        started = time.monotonic()
        _stop_processes(site)
        _clean(site)
        if left := list(_leftovers(site)):
            raise ClusterError(f"Still there after `down`: {', '.join(left)}")
        restore_kernel_settings(site)  # last: by what is remembered of them, the network is known to be ours
        if purge:
            shutil.rmtree(site.folder)
        say(f"{time.monotonic() - started:5.1f} s  the cluster is gone{' with all it held' if purge else ''}")


def _clean(site: Site) -> None:
    unmount_all(site)
    if are_changed(site):  # otherwise a kube-proxy's rules are those of somebody else's
        clean_network(site)
    clean_runtime(site)
    remove_cgroups(site)


def _leftovers(site: Site) -> Iterator[str]:
    return chain(
        (f"process {process.pid} ({process.name})" for process in running(site)),
        (f"process {pid} of a pod" for pid in pod_pids(site)),
        (f"mount {mount}" for mount in mounts(site)),
        cgroup_leftovers(site),
        runtime_leftovers(site),
        network_leftovers(site) if are_changed(site) else (),
    )


def _stop_processes(site: Site) -> None:
    """Stop kubelet before the pods, which it would start again, and etcd last, to which the API server writes."""
    stop(site, _CLIENTS, seconds=5)
    kill_pods(site)
    stop(site, ["kube-apiserver"], seconds=15)
    stop(site, ["etcd", "containerd"], seconds=5)
    kill(site, [process for process in running(site) if process.name == SHIM])
