"""Teams on workers that a test has at hand: a store of the test's own, and the plugin that makes it known to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.settings import StoreSettings, open_store
from registry.staging import Staging
from trainer.distributed.at_hand import AtHand, Told, plugin_of
from trainer.distributed.client import Connected
from trainer.distributed.shelf import Shelf
from trainer.distributed.team import Team

WORKER_BYTES = 1 << 30


@dataclass
class TeamThatSays(Team):
    """A team that says to have so many workers, however many there are: by that, items are cut into blocks."""

    said: int = 2

    @property
    def n_workers(self) -> int:
        """What it says."""
        return self.said


@contextmanager
def team_on(
    workers: Connected,
    store_url: str,
    folder: Path,
    *,
    database: str | None = None,
    s3_endpoint_url: str | None = None,
) -> Iterator[Team]:
    """Tell workers of a run, and have them forget it at the end."""
    settings = StoreSettings.load(store_url=store_url, s3_endpoint_url=s3_endpoint_url)
    staging = Staging.new(open_store(settings))
    told = Told(store_url, s3_endpoint_url, staging.run, workers.threads, database)
    workers.client.register_plugin(AtHand(told))
    shelf = Shelf(staging, folder)
    try:
        yield Team(workers.client, shelf, WORKER_BYTES)
    finally:
        shelf.close()
        workers.client.unregister_worker_plugin(plugin_of(told.run))
        staging.remove_all()
