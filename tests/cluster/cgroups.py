"""The cgroup below which all pods live, in each of version 1's hierarchies or in version 2's only one."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.cluster.site import Site

_ROOT: Final = Path("/sys/fs/cgroup")


def make_cgroups(site: Site) -> None:
    """Make them: kubelet takes only a cgroup that is there."""
    for hierarchy in _hierarchies():
        _pass_controllers_on(hierarchy)
        (hierarchy / site.name).mkdir(exist_ok=True)


def kill_pods(site: Site, seconds: float = 10) -> None:
    """Kill whatever lives in them; a process may start another meanwhile."""
    deadline = time.monotonic() + seconds
    while (pids := pod_pids(site)) and time.monotonic() < deadline:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def remove_cgroups(site: Site, seconds: float = 5) -> None:
    """Remove them, innermost first; the kernel takes a moment after the last process."""
    deadline = time.monotonic() + seconds
    while (left := cgroup_leftovers(site)) and time.monotonic() < deadline:
        for top in left:
            for folder, _, _ in os.walk(top, topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()
        time.sleep(0.02)


def cgroup_leftovers(site: Site) -> list[str]:
    return [str(top) for top in _tops(site)]


def pod_pids(site: Site) -> set[int]:
    folders = (Path(folder) for top in _tops(site) for folder, _, _ in os.walk(top))
    return {int(pid) for folder in folders for pid in _read(folder / "cgroup.procs").split()}


def _tops(site: Site) -> Iterator[Path]:
    return (top for top in (hierarchy / site.name for hierarchy in _hierarchies()) if top.is_dir())


def _hierarchies() -> list[Path]:
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [folder for folder in _ROOT.iterdir() if not folder.is_symlink() and (folder / "cgroup.procs").exists()]


def _pass_controllers_on(hierarchy: Path) -> None:
    """Version 2 gives a cgroup only those controllers that its parent passes on."""
    for controller in _read(hierarchy / "cgroup.controllers").split():
        with suppress(OSError):
            (hierarchy / "cgroup.subtree_control").write_text(f"+{controller}")


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
