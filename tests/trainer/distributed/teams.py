"""Teams on workers that a test has at hand: a store of the test's own, and the plugin that makes it known to them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from registry.settings import StoreSettings, open_store
from registry.staging import Staging
from trainer.distributed.at_hand import AtHand, Told
from trainer.distributed.client import Connected
from trainer.distributed.shelf import Shelf
from trainer.distributed.team import Team

if TYPE_CHECKING:
    from distributed import Future

T = TypeVar("T")
WORKER_BYTES = 1 << 30


@dataclass
class TeamThatSays(Team):
    """A team that says to have so many workers, and tells the names of the tasks that it handed out.

    By the number of workers items are cut into blocks, and queries into parts.
    """

    said: int = 2
    handed_out: list[str] = field(default_factory=list)

    @property
    def n_workers(self) -> int:
        """What it says."""
        return self.said

    def hand_out(self, task: Callable[..., T], name: str, *arguments: object) -> "Future[T]":
        """Note the name of a task, and have it done."""
        self.handed_out.append(name)
        return super().hand_out(task, name, *arguments)


@contextmanager
def team_on(
    workers: Connected,
    store_url: str,
    folder: Path,
    *,
    database: str | None = None,
    s3_endpoint_url: str | None = None,
    said: int = 2,
) -> Iterator[TeamThatSays]:
    """Tell workers of a run, and have them forget it at the end; the team says to have so many."""
    settings = StoreSettings.load(store_url=store_url, s3_endpoint_url=s3_endpoint_url)
    staging = Staging.new(open_store(settings))
    told = Told(store_url, s3_endpoint_url, staging.run, workers.threads, database)
    workers.client.register_plugin(AtHand(told))
    shelf = Shelf(staging, folder)
    try:
        yield TeamThatSays(workers.client, shelf, WORKER_BYTES, said=said)
    finally:
        shelf.close()
        workers.client.unregister_worker_plugin(AtHand.name)
        staging.remove_all()
