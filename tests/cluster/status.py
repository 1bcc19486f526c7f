"""What runs, for people."""

from collections.abc import Iterator
from pathlib import Path

from tests.cluster.components import all_components
from tests.cluster.processes import running
from tests.cluster.readiness import is_up
from tests.cluster.site import Site


def status_lines(site: Site) -> Iterator[str]:
    """Give a line for each component, and one for the whole."""
    pids = {process.name: process.pid for process in running(site)}
    for component in all_components(site):
        pid = pids.get(component.name)
        yield f"{component.name:<24} {f'process {pid}, {_megabytes(pid)} MB' if pid else 'does not run'}"
    yield f"{'the node':<24} {'ready' if is_up(site) else 'not ready'}"


def _megabytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)
