"""Lanes on each kind of store, and the parts that they need."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.faults.backends import Backend, credentials_of, on_files, on_minio
from tests.faults.in_cluster import in_cluster
from tests.faults.lane import Lane, lane_on
from tests.faults.surroundings import made_states, shop_environment
from tests.faults.trainers import Trainers, forked_trainers
from tests.kubernetes.rolling import CONTROLLERS
from tests.parts.minio_server import Minio, running_minio

OpenLane = Callable[[int], AbstractContextManager[Lane]]


class Surroundings:
    """A shop, fork servers for so many lanes, and the states that scenes begin with; lanes of a number share one."""

    def __init__(self, folder: Path, environment: Mapping[str, str], trainers: Sequence[Trainers]) -> None:
        self._folder, self._environment, self._trainers = folder, environment, trainers
        self._states = made_states(trainers[0], environment, folder / "states")

    @contextmanager
    def on_files(self, number: int) -> Iterator[Lane]:
        """Give a lane on files."""
        folder = self._folder / f"files-{number}"
        with self._lane(on_files(folder), number, folder) as lane:
            yield lane

    @contextmanager
    def on_minio(self, minio: Minio, number: int) -> Iterator[Lane]:
        """Give a lane on a bucket; the credentials have to be in this process's environment."""
        with on_minio(minio) as backend, self._lane(backend, number, self._folder / f"minio-{number}") as lane:
            yield lane

    @contextmanager
    def in_cluster(self, control_plane: ControlPlane, number: int) -> Iterator[Lane]:
        """Give a lane in a new namespace."""
        folder = self._folder / f"cluster-{number}"
        with in_cluster(control_plane, folder) as backend, self._lane(backend, number, folder) as lane:
            yield lane

    def _lane(self, backend: Backend, number: int, folder: Path) -> AbstractContextManager[Lane]:
        return lane_on(backend, self._trainers[number], self._states, self._environment, folder)


@contextmanager
def surroundings_in(folder: Path, lanes: int) -> Iterator[Surroundings]:
    """Give what lanes on any store share, for as long as the context lasts."""
    environment = shop_environment(folder)
    with ExitStack() as stack:
        folders = [folder / f"trainers-{number}" for number in range(lanes)]
        trainers = [stack.enter_context(forked_trainers(each, environment)) for each in folders]
        yield Surroundings(folder, environment, trainers)


@contextmanager
def _files(surroundings: Surroundings) -> Iterator[OpenLane]:
    yield surroundings.on_files


@contextmanager
def _minio(surroundings: Surroundings) -> Iterator[OpenLane]:
    with running_minio() as minio, patch.dict(os.environ, credentials_of(minio)):
        yield partial(surroundings.on_minio, minio)


@contextmanager
def _cluster(surroundings: Surroundings) -> Iterator[OpenLane]:
    with running_control_plane(CONTROLLERS) as control_plane:
        yield partial(surroundings.in_cluster, control_plane)


STORES: Final[Mapping[str, Callable[[Surroundings], AbstractContextManager[OpenLane]]]] = {
    "files": _files,
    "minio": _minio,
    "cluster": _cluster,
}
