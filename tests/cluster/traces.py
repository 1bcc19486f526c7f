"""All that a cluster can leave on its machine, looked for without the cluster's own code."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.cluster.second_cluster import SecondCluster

_SHARED: Final = tuple(
    f"/{folder}"
    for folder in ("etc/cni", "run/containerd", "var/lib/cni", "var/lib/kubelet", "var/log/containers", "var/log/pods")
)
_NETWORK: Final = ("ip -oneline address", "ip -oneline link", "ip route", "ip -6 route", "nft list ruleset")


def traces(cluster: SecondCluster) -> set[str]:
    """Give what there is now: all in the cluster's network, and elsewhere what names its folder or itself."""
    return {*_in_the_network(cluster), *_elsewhere(cluster), *_sockets_without_a_listener()}


def _in_the_network(cluster: SecondCluster) -> Iterator[str]:
    for command in _NETWORK:
        yield from cluster.inside(*command.split()).splitlines()
    yield cluster.inside("sysctl", "net.ipv4.ip_forward", "net.ipv4.conf.all.route_localnet")


def _elsewhere(cluster: SecondCluster) -> Iterator[str]:
    folder, name = str(cluster.site.folder), cluster.site.name
    yield from (line for line in Path("/proc/mounts").read_text().splitlines() if folder in line)
    yield from (f"process {words}" for words in _command_lines() if folder in words)
    yield from (path for path in _paths("/sys/fs/cgroup") if name in path)
    yield from (path for shared in _SHARED for path in _paths(shared) if folder in _content(path) or name in path)


def _command_lines() -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def _paths(top: str) -> Iterator[str]:
    return (f"{folder}/{name}" for folder, folders, files in os.walk(top) for name in (*folders, *files))


def _content(path: str) -> str:
    file = Path(path)
    if file.is_symlink():
        return str(file.readlink())
    return file.read_text(errors="replace") if file.is_file() else ""


def _sockets_without_a_listener() -> set[str]:
    """Give sockets that somebody forgot: their names do not tell whose they were."""
    listening = subprocess.run(["ss", "-Hlx"], capture_output=True, text=True, check=True).stdout
    return {path for shared in _SHARED for path in _paths(shared) if Path(path).is_socket() and path not in listening}
