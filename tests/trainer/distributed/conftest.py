"""Workers: two processes of this machine, started once for all of these tests; and those that a test starts itself."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.parts.processes import end
from tests.trainer.distributed.runs import RunHere
from tests.trainer.distributed.teams import team_on
from trainer.distributed.client import Connected, connected
from trainer.distributed.team import Team
from trainer.settings import TrainerSettings


@pytest.fixture(scope="package")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """Give two worker processes, as DASK=local:2 starts them."""
    settings = TrainerSettings.load(dask="local:2", spill_folder=tmp_path_factory.mktemp("workers"))
    with connected(settings) as workers:
        yield workers


@pytest.fixture(scope="module")
def staging_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the store in which a module's team stages."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def team(two_workers: Connected, staging_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Give a team of the two workers."""
    with team_on(two_workers, staging_folder.as_uri(), tmp_path_factory.mktemp("shelf")) as one:
        yield one


@pytest.fixture
def run_here(tmp_path: Path) -> Iterator[RunHere]:
    """Give a run that has no worker yet; those that it gets are ended with the test."""
    run = RunHere(tmp_path)
    with ExitStack() as stack:
        yield run
        for worker in run.workers:
            stack.callback(end, worker)
