"""What containerd and kubelet keep outside the cluster's folder, and what of theirs inside does not outlive them."""

import hashlib
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.cluster.site import Site
from tests.cluster.whole_files import write_whole

_SHIM_SOCKETS: Final = Path("/run/containerd/s")
_LOG_LINKS: Final = Path("/var/log/containers")
_CNI_RESULTS: Final = Path("/var/lib/cni/results")
_DEVICE_PLUGINS: Final = Path("/var/lib/kubelet/device-plugins")
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def clean_runtime(site: Site) -> None:
    """Take it away. Nothing may run or be mounted any more."""
    for file in (*_shim_sockets(site), *_log_links(site), *_forgotten_device_socket()):
        file.unlink(missing_ok=True)
    for folder in (_SHIM_SOCKETS, _LOG_LINKS, _CNI_RESULTS, _DEVICE_PLUGINS):
        for own in (folder, folder.parent):
            with suppress(OSError):  # not there, or others have something in it
                own.rmdir()
    for folder in _short_lived(site):
        shutil.rmtree(folder, ignore_errors=True)


def forget_what_a_reboot_ended(site: Site) -> None:
    """Take away what would tell containerd of containers that ended with the machine."""
    boot, remembered = _BOOT.read_text(), site.folder / "boot-id"
    if remembered.exists() and remembered.read_text() != boot:
        clean_runtime(site)
    write_whole(remembered, boot)


def runtime_leftovers(site: Site) -> Iterator[str]:
    return (str(file) for file in (*_shim_sockets(site), *_log_links(site), *_forgotten_device_socket()))


def _short_lived(site: Site) -> list[Path]:
    inside = [site.containerd / name for name in ("state", "runc", "addresses")]
    return [*inside, site.kubelet / "pods", site.pod_logs]


def _shim_sockets(site: Site) -> list[Path]:
    """Give the sockets of our containers' shims, named as containerd names them."""
    tasks = (site.containerd / "state" / "io.containerd.runtime.v2.task" / "k8s.io").glob("*")
    keys = (f"{site.containerd_socket}/k8s.io/{task.name}" for task in tasks)
    sockets = (_SHIM_SOCKETS / hashlib.sha256(key.encode()).hexdigest() for key in keys)
    return [socket for socket in sockets if socket.exists()]


def _log_links(site: Site) -> list[Path]:
    return [
        link for link in _LOG_LINKS.glob("*.log") if link.is_symlink() and link.readlink().is_relative_to(site.pod_logs)
    ]


def _forgotten_device_socket() -> list[Path]:
    """Give the socket that every kubelet makes at the same place, unless one listens there now."""
    place = _DEVICE_PLUGINS / "kubelet.sock"
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(place))
        except ConnectionRefusedError:
            return [place]
        except OSError:  # it is not there
            return []
    return []
