"""What must hold before anything starts, each with the line that its user gets otherwise."""

import os
import re
from typing import Final

from tests.cluster.commands import run
from tests.cluster.errors import ClusterError
from tests.cluster.host_network import proxy_tables
from tests.cluster.kernel_settings import are_changed
from tests.cluster.processes import names_running
from tests.cluster.programs import check_packages
from tests.cluster.site import METRICS_PORT, Site

_LONGEST_FOLDER: Final = 60
_EVERYWHERE: Final = ("*", "0.0.0.0", "[::]")


def check_root() -> None:
    if os.geteuid() != 0:
        raise ClusterError("The cluster needs root: it mounts file systems and adds network addresses", hint="Use sudo")


def check_host(site: Site) -> None:
    """Raise ClusterError or PartMissingError where the cluster cannot start on this machine."""
    _check_folder(site)
    check_packages()
    _check_ports(site)
    if proxy_tables() and not are_changed(site):
        raise ClusterError("Another Kubernetes runs on this machine: nft has its table kube-proxy")


def _check_folder(site: Site) -> None:
    if len(str(site.folder)) > _LONGEST_FOLDER or " " in str(site.folder):
        raise ClusterError(
            f"The cluster's folder {site.folder} has too long a name, or a blank in it, for the sockets in it",
            hint=f"Set RECOMMENDER_CLUSTER to a path of at most {_LONGEST_FOLDER} characters",
        )


def _check_ports(site: Site) -> None:
    ours = names_running(site)
    listeners = _listeners()
    for name, address, port in _wanted(site):
        if name in ours:
            continue
        for taken in (f"{where}:{port}" for where in (address, *_EVERYWHERE)):
            if taken in listeners:
                raise ClusterError(f"{name} cannot listen on {address}:{port}: it is taken by {listeners[taken]}")


def _wanted(site: Site) -> list[tuple[str, str, int]]:
    """Give who listens where."""
    host, loopback = site.host, "127.0.0.1"
    return [
        ("kube-apiserver", host, site.api_port),
        ("etcd", loopback, site.etcd_port),
        ("etcd", loopback, site.etcd_peer_port),
        ("coredns", host, 53),
        ("kubelet", host, 10250),
        ("kubelet", loopback, 10248),
        ("kube-controller-manager", loopback, 10257),
        ("kube-scheduler", loopback, 10259),
        ("kube-proxy", host, 10256),
        ("kube-proxy", host, 10249),
        ("metrics-server", host, METRICS_PORT),
    ]


def _listeners() -> dict[str, str]:
    """Give who listens by `address:port`, UDP included."""
    lines = (line.split() for line in run("ss", "-Hlntup").splitlines())
    return {words[4]: _holder(words[6:]) for words in lines}


def _holder(described: list[str]) -> str:
    found = re.search(r'"([^"]+)",pid=(\d+)', " ".join(described))
    return f"{found[1]} (process {found[2]})" if found else "another process"
