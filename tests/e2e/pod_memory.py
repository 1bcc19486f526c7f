"""What pods on this machine take, as the kernel counts it, and the end of one of their processes without any grace."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GROUPS: Final = Path("/sys/fs/cgroup")
_LOOK_SECONDS: Final = 0.2


@dataclass
class Peak:
    """The most bytes that a pod had: of its own, as seen now and then, and with the pages of files that it used."""

    own: int = 0
    with_files: int = 0


class PodPeaks:
    """The peaks of pods by their uid, of those that were looked at."""

    def __init__(self) -> None:
        self._peaks: dict[str, Peak] = {}

    def look(self) -> None:
        """Look at all pods of this machine."""
        for group in _memory().glob("**/pod*-*"):
            peak = self._peaks.setdefault(group.name.removeprefix("pod"), Peak())
            with suppress(OSError):
                peak.own = max(peak.own, _own_bytes(group))
                peak.with_files = max(peak.with_files, _peak_bytes(group))

    def of(self, uid: str) -> Peak | None:
        """Give a pod's peaks, None where it is not on this machine."""
        return self._peaks.get(uid)


@contextmanager
def pods_watched() -> Iterator[PodPeaks]:
    """Look at all pods of this machine for as long as the context lasts."""
    peaks, over = PodPeaks(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_SECONDS):
            peaks.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def kill_in_pod(uid: str, argument: str) -> bool:
    """Kill the pod's processes that were started with an argument; tell whether there was one."""
    killed = False
    for group in _memory().glob(f"**/pod{uid}"):
        for pid in {int(pid) for file in group.rglob("cgroup.procs") for pid in file.read_text().split()}:
            with suppress(OSError):
                if argument.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    os.kill(pid, signal.SIGKILL)
                    killed = True
    return killed


def _memory() -> Path:
    return _GROUPS / "memory" if (_GROUPS / "memory").is_dir() else _GROUPS


def _own_bytes(group: Path) -> int:
    """Give what the kernel cannot take back: memory of no file."""
    counts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return int(counts.get("total_rss") or counts["anon"])


def _peak_bytes(group: Path) -> int:
    first, second = group / "memory.max_usage_in_bytes", group / "memory.peak"
    return int((first if first.exists() else second).read_text())
