"""A run's workers, from its start to its end."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from registry.staging import Staging, sweep_staging
from runtime.errors import RecommenderError
from trainer.distributed.at_hand import Told, figures_of, plugin_of, tell_workers
from trainer.distributed.client import Connected, connected
from trainer.distributed.losses import explained
from trainer.distributed.passes import LayOutForWorkers
from trainer.distributed.reading import ReadingByWorkers
from trainer.distributed.shelf import Shelf
from trainer.distributed.team import Team
from trainer.help import Help
from trainer.memory import peak_bytes
from trainer.planning.quantity import parse_quantity
from trainer.reading.bulk import bulk_address
from trainer.reading.extract import read_events

if TYPE_CHECKING:
    from registry.objects import ObjectStore
    from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)


@contextmanager
def workers_for(settings: "TrainerSettings", store: "ObjectStore") -> Iterator[Help]:
    """Have workers at hand for a run, and remove all that was staged for them at its end.

    Only for who holds the run's lock: what dead runs have staged goes first. Raises TryAgainError where there are none.
    """
    if left := sweep_staging(store):
        log.info("Removed what a run that died had staged: %d objects", len(left), extra={"swept": len(left)})
    staging = Staging.new(store)
    try:
        with closing(Shelf(staging, settings.spill_folder)) as shelf, connected(settings) as workers:
            try:
                yield _help(settings, workers, shelf)
            finally:
                _take_leave(workers, shelf)
    finally:
        _clear(staging)


def _clear(staging: Staging) -> None:
    """Remove what was staged. A failure here fails no run: the next one sweeps."""
    try:
        staging.remove_all()
    except RecommenderError as error:
        log.warning("What was staged was not removed: %s", error)


def _take_leave(workers: Connected, shelf: Shelf) -> None:
    """Tell what each worker needed, and have it remove what it holds of this run. A failure here fails no run."""
    try:
        with explained():
            figures = workers.client.run(figures_of, shelf.run, on_error="ignore")
            workers.client.unregister_worker_plugin(plugin_of(shelf.run))
    except RecommenderError as error:
        log.warning("Workers did not take leave: %s", error)
        return
    for worker in figures.values():
        log.info(
            "Worker %s: %.0f MB at most, fetched %.0f MB, staged %.0f MB",
            *(worker.name, worker.peak_bytes / 1e6, worker.fetched_bytes / 1e6, worker.staged_bytes / 1e6),
            extra={"worker": asdict(worker)},
        )
    peak = peak_bytes()
    log.info(
        "This process: %.0f MB at most, fetched %.0f MB, staged %.0f MB",
        *(peak / 1e6, shelf.bytes_fetched / 1e6, shelf.bytes_put / 1e6),
        extra={"peak_bytes": peak, "fetched_bytes": shelf.bytes_fetched, "staged_bytes": shelf.bytes_put},
    )


def _help(settings: "TrainerSettings", workers: Connected, shelf: Shelf) -> Help:
    database = bulk_address(settings.sqlalchemy_url()) if workers.is_private else None
    told = Told(settings.store_url, settings.s3_endpoint_url, shelf.run, workers.threads, database)
    with explained():
        tell_workers(workers.client, told)
    team = Team(workers.client, shelf, int(parse_quantity(settings.worker_memory)))
    log.info(
        "Workers: %d of Dask, at %s; its dashboard: %s",
        *(team.n_workers, workers.client.scheduler_info()["address"], workers.client.dashboard_link),
        extra={"workers": team.n_workers},
    )
    return Help(read_events if database is None else ReadingByWorkers(team), LayOutForWorkers(team))
