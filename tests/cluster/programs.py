"""Where the cluster's programs come from: our Go modules, and Debian's packages."""

from collections.abc import Callable
from typing import Final

from tests.parts.missing import find_program
from tests.programs.go_programs import build_notice, go_programs

MODULES: Final = ("etcd", "kubernetes", "coredns", "metrics-server")
_MODULE: Final = {"etcd": "etcd", "coredns": "coredns", "metrics-server": "metrics-server"}
# A Go module's last name but its version: of etcd this is `server`.
_FILE: Final = {"etcd": "server"}
_PACKAGES: Final = {
    "containerd": "containerd",
    "containerd-shim-runc-v2": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "ip": "iproute2",
    "ss": "iproute2",
    "nft": "nftables",
    "conntrack": "conntrack",
    "openssl": "openssl",
}


def build_missing(say: Callable[[str], None]) -> None:
    """Build what is not in the cache yet, and say so first: it takes minutes."""
    for module in MODULES:
        if notice := build_notice(module):
            say(notice)
            go_programs(module)


def program(name: str) -> str:
    """Give a program's path. Raises PartMissingError where it cannot be had."""
    if name in _PACKAGES:
        package = _PACKAGES[name]
        return find_program(
            name, f"{name} is not installed: it is in the Debian package {package} (make cluster-parts)"
        )
    return str(go_programs(_MODULE.get(name, "kubernetes")) / file_name(name))


def file_name(name: str) -> str:
    """Give the name of the program's file, by which its process is told from others."""
    return _FILE.get(name, name)


def check_packages() -> None:
    """Raise PartMissingError where a program of Debian's is missing."""
    for name in _PACKAGES:
        program(name)
