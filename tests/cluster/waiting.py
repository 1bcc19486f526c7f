"""Waiting for the cluster, no longer than its processes live."""

import time
from collections.abc import Callable

from tests.cluster.errors import ClusterError
from tests.cluster.processes import check_alive, names_running
from tests.cluster.site import Site


def wait_until(site: Site, what: str, holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it holds. Raises ClusterError when a process that runs now dies, or after so many seconds."""
    started = names_running(site)
    deadline = time.monotonic() + seconds
    while not holds():
        check_alive(site, started)
        if time.monotonic() > deadline:
            raise ClusterError(f"{what} is not there after {seconds:.0f} seconds", hint=f"Logs: {site.logs}")
        time.sleep(0.05)
