"""What is mounted below the cluster's folder: containers' root file systems, pods' volumes, network namespaces."""

import subprocess
from pathlib import Path

from tests.cluster.site import Site


def unmount_all(site: Site) -> None:
    """Unmount all of it, innermost first, even what somebody still looks at."""
    for mount in reversed(mounts(site)):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def mounts(site: Site) -> list[str]:
    """Give the places, in the order of mounting."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    places = (_unescaped(line.split()[4]) for line in lines)
    return [place for place in places if place.startswith(f"{site.folder}/")]


def _unescaped(place: str) -> str:
    """Undo the kernel's octal writing of blanks and the like."""
    return place.encode().decode("unicode_escape").encode("latin-1").decode()
