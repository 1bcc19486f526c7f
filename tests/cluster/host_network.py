"""What the cluster has in the host's network: an address, a cable for each pod, kube-proxy's rules."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.cluster.commands import run
from tests.cluster.errors import ClusterError
from tests.cluster.site import POD_GATEWAY, SERVICES, Site

_PROXY_TABLES: Final = ("table ip kube-proxy", "table ip6 kube-proxy")
# The CNI library keeps what it told containerd here, whatever containerd's own folders are.
_CNI_RESULTS: Final = Path("/var/lib/cni/results")


def add_host_address(site: Site) -> None:
    """Add the address, and by it a way to services for hosts without a default route: it goes with the address."""
    run("ip", "address", "replace", f"{site.host}/32", "dev", "lo")
    run("ip", "route", "replace", SERVICES, "dev", "lo", "src", site.host)


def clean_network(site: Site) -> None:
    """Take away all of it."""
    for device in _cables():
        with suppress(ClusterError):  # it goes by itself with its pod's network namespace
            run("ip", "link", "delete", device)
    for table in proxy_tables():
        run("nft", f"delete {table}")
    if _host_address(site):
        run("ip", "address", "delete", f"{site.host}/32", "dev", "lo")
    for result in _cni_results(site):
        result.unlink(missing_ok=True)


def network_leftovers(site: Site) -> Iterator[str]:
    """Name what is left of it."""
    yield from (f"network device {device}" for device in _cables())
    yield from proxy_tables()
    yield from (f"address {address}" for address in _host_address(site))
    yield from (str(result) for result in _cni_results(site))


def _host_address(site: Site) -> list[str]:
    """Give the cluster's address where the host has it."""
    return [address for _, address in _addresses() if address == site.host]


def proxy_tables() -> list[str]:
    """Give the rules of a kube-proxy, which need not be ours."""
    there = run("nft", "list", "tables").splitlines()
    return [table for table in _PROXY_TABLES if table in there]


def _cables() -> list[str]:
    """Give the host's ends: all of them hold the gateway's address."""
    return [device for device, address in _addresses() if address == POD_GATEWAY]


def _addresses() -> list[tuple[str, str]]:
    devices = json.loads(run("ip", "-json", "address", "show"))
    return [(device["ifname"], one.get("local", "")) for device in devices for one in device.get("addr_info", [])]


def _cni_results(site: Site) -> list[Path]:
    """Give the results for our network, and for the loopback device of the same sandboxes."""
    ours = list(_CNI_RESULTS.glob(f"{site.name}-*"))
    sandboxes = {result.name.removeprefix(f"{site.name}-").rsplit("-", 1)[0] for result in ours}
    return [*ours, *(found for sandbox in sandboxes for found in _CNI_RESULTS.glob(f"cni-loopback-{sandbox}-*"))]
