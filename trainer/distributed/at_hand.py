"""What a worker has at hand for all tasks of a run: the store, a folder of its own, and threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dask.system import CPU_COUNT
from distributed import Client, Worker, WorkerPlugin, get_worker

from registry.settings import StoreSettings, open_store
from registry.staging import Staging
from trainer.distributed.shelf import Shelf
from trainer.memory import peak_bytes, return_memory_early
from trainer.similarity.layout import Workers

# A task bears the name of its run, behind this, so that runs may share a scheduler and workers.
OF_RUN: Final = "@"
# Each time is lost to another worker that dies just then.
_TELL_TIMES: Final = 5


@dataclass(frozen=True)
class Told:
    """What a run tells its workers: where its staging is, the database, and how many threads a task may use.

    `threads` is None for all that the worker has, `database` where nobody is told.
    """

    store_url: str
    s3_endpoint_url: str | None
    run: str
    threads: int | None
    database: str | None = field(repr=False)


class AtHand(WorkerPlugin):
    """Made when a worker joins the run, and taken away at the run's end."""

    shelf: Shelf
    threads: Workers

    def __init__(self, told: Told) -> None:
        self._told, self.name = told, plugin_of(told.run)

    @property
    def database(self) -> str:
        """The database's address, with its password."""
        assert self._told.database is not None  # noqa: S101 (only a worker that is told it is asked to read)
        return self._told.database

    def setup(self, worker: Worker) -> None:
        """Open the store, and have a folder and threads ready."""
        return_memory_early()
        told = self._told
        store = open_store(StoreSettings.load(store_url=told.store_url, s3_endpoint_url=told.s3_endpoint_url))
        self.shelf = Shelf(Staging(store, told.run), Path(worker.local_directory))
        n = told.threads or CPU_COUNT
        self.threads = Workers(ThreadPoolExecutor(n), n, [])

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 (as Dask calls it)
        """Remove the folder and the threads."""
        self.threads.pool.shutdown(wait=False)
        self.shelf.close()


def tell_workers(client: Client, told: Told) -> None:
    """Tell all workers of a run, and those that join later. One that dies while it is told is none that counts.

    Raises what a worker raises that cannot have it at hand, and OSError where workers die again and again.
    """
    for left in reversed(range(_TELL_TIMES)):
        try:
            client.register_plugin(AtHand(told))
        except OSError:
            if not left:
                raise
        else:
            return


@dataclass(frozen=True)
class Figures:
    """What a worker needed for a run: its process's peak, and what it moved."""

    name: str
    peak_bytes: int
    fetched_bytes: int
    staged_bytes: int


def figures_of(run: str, dask_worker: Worker) -> Figures:
    """Give a worker's figures of a run; Dask hands the worker over by the argument's name."""
    shelf = _of(dask_worker, run).shelf
    return Figures(str(dask_worker.name), peak_bytes(), shelf.bytes_fetched, shelf.bytes_put)


def plugin_of(run: str) -> str:
    """Name what the workers have at hand for a run."""
    return f"recommender{OF_RUN}{run}"


def at_hand() -> AtHand:
    """Give what the worker that does this task has at hand for its run."""
    worker = get_worker()
    return _of(worker, str(worker.get_current_task()).rpartition(OF_RUN)[2])


def _of(worker: Worker, run: str) -> AtHand:
    found = worker.plugins[plugin_of(run)]
    assert isinstance(found, AtHand)  # noqa: S101 (nobody else's plugin has this name)
    return found
