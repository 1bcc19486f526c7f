"""Who helps a run with what is heavy: nobody but this process's threads, or Dask's workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.objects import ObjectStore
from trainer.reading.extract import Read, read_events
from trainer.settings import TrainerSettings

if TYPE_CHECKING:
    from trainer.similarity.passes import LayOut


@dataclass(frozen=True)
class Help:
    """What reads the events, and what lays a matrix out for passes over all pairs, None for this process's threads."""

    read: Read
    lay_out: "LayOut | None"


@contextmanager
def help_for(settings: TrainerSettings, store: ObjectStore) -> Iterator[Help]:
    """Give what DASK says, until the run's end; only for who holds its lock. Raises TryAgainError where none comes."""
    if settings.dask is None:
        yield Help(read_events, None)
        return
    from trainer.distributed.run import workers_for  # noqa: PLC0415 (Dask takes 0.5 s to import)

    with workers_for(settings, store) as given:
        yield given
