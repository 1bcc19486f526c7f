"""Which worker of which pod a process is."""

from dataclasses import dataclass
from functools import cached_property

from api.workers.folder import PodFolder
from api.workers.siblings import PodSiblings


@dataclass(frozen=True)
class Place:
    """A worker's number, of `n_workers` that begin with 1, and the folder of its pod."""

    number: int
    n_workers: int
    folder: PodFolder

    @cached_property
    def siblings(self) -> PodSiblings:
        """The others."""
        return PodSiblings(self.folder, self.number, self.n_workers)
