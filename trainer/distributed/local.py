"""Workers that are processes of this machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client, LocalCluster, Security

from trainer.distributed import local_worker


@contextmanager
def local_workers(n: int, folder: Path) -> Iterator[Client]:
    """Start so many workers, and end them.

    Whoever reaches a scheduler has it run any code: certificates of their own keep this machine's other users away.
    """
    security = Security.temporary()
    with (
        LocalCluster(
            n_workers=n,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address="127.0.0.1:0",
            local_directory=str(folder),
            protocol="tls://",
            security=security,
            preload=[local_worker.__name__],
            silence_logs=logging.CRITICAL,  # what fails on a worker is told by this process
        ) as cluster,
        Client(cluster, security=security) as client,
    ):
        yield client
