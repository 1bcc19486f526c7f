"""The kernel's settings that kubelet, kube-proxy and we change: put back as they were when the cluster goes."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.cluster.site import Site
from tests.cluster.whole_files import write_whole

_ROOT: Final = Path("/proc/sys")
_CHANGED: Final = (
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    "net/ipv4/conf/all/route_localnet",
    "net/netfilter/nf_conntrack_max",
)


def change_kernel_settings(site: Site) -> None:
    """Let the host pass packets on between pods; remember first what was, unless an earlier start already did."""
    remembered = _remembered(site)
    if not remembered.exists():
        before = {name: (_ROOT / name).read_text() for name in _CHANGED if (_ROOT / name).exists()}
        write_whole(remembered, json.dumps(before, indent=1))
    (_ROOT / "net/ipv4/ip_forward").write_text("1")


def restore_kernel_settings(site: Site) -> None:
    remembered = _remembered(site)
    if not remembered.exists():
        return
    for name, value in json.loads(remembered.read_text()).items():
        with suppress(OSError):  # a container may read what it may not write
            if (_ROOT / name).read_text() != value:
                (_ROOT / name).write_text(value)
    remembered.unlink()


def are_changed(site: Site) -> bool:
    """Tell whether a cluster was started and not taken away since."""
    return _remembered(site).exists()


def _remembered(site: Site) -> Path:
    return site.folder / "kernel-settings-before.json"
