"""One command at a time: two that start the same cluster would start everything twice."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.errors import ClusterError
from tests.cluster.site import Site


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Wait for whoever changes the cluster now, then be the only one.

    Raises ClusterError where the folder holds something else, which `down --purge` would take away.
    """
    site.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = site.folder / "cluster.lock"
    if not lock.exists() and any(site.folder.iterdir()):
        raise ClusterError(
            f"{site.folder} holds other things than a cluster", hint="Set RECOMMENDER_CLUSTER to an empty folder"
        )
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
