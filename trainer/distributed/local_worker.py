"""What a worker's process of `--dask local` does first, as Dask's preload."""

import signal

from distributed import Worker


def dask_setup(_worker: Worker) -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that leads: it ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
