"""The cluster and one release on it, for all tests of the session."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.commands import Cluster
from tests.e2e.figures import Figures
from tests.e2e.shop import Shop
from tests.e2e.target import prepared_cluster
from tests.e2e.volumes import hand_made_volumes
from tests.parts.fixtures import had, say

_HERE = Path(__file__).parent
_CLASS_FILE = _HERE / "pausing_trainer.py"
# The modules in the order in which a release lives.
_ORDER = (
    "test_story.py",
    "test_console.py",
    "test_going_back.py",
    "test_gate.py",
    "test_distributed.py",
    "test_faults.py",
    "test_fault_table.py",
    "test_uninstall.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and put them into their order; all others keep theirs, before them."""
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.cluster)
    items.sort(key=lambda item: 1 + _ORDER.index(item.path.name) if item.path.parent == _HERE else 0)


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """Give a place for what a test measures."""
    measured = Figures()
    pytestconfig.pluginmanager.register(measured, "figures")
    return measured


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Give a cluster that has the images."""
    with ExitStack() as stack:
        yield had(prepared_cluster(partial(say, request)), stack)


@pytest.fixture(scope="session")
def shop(cluster: Cluster) -> Iterator[Shop]:
    """Give the sample shop's release, installed and trained for the first time."""
    shop = Shop(cluster)
    with hand_made_volumes(shop):
        yield shop
        cluster.kubectl("delete", "namespace", shop.namespace, "--wait=true", "--timeout=120s")


@pytest.fixture(scope="session")
def installed(shop: Shop) -> Shop:
    """Give the release once its first model is in service."""
    shop.install()
    assert shop.ended("trainer-first").succeeded
    shop.wait_for_rollout()
    return shop


@pytest.fixture(scope="module")
def pausing(installed: Shop) -> Iterator[Shop]:
    """Give the release with the class of pausing_trainer.py in place of the project's."""
    installed.upgrade(
        rf"--set-file=trainer.code.files.pausing_trainer\.py={_CLASS_FILE}",
        "--set=trainer.code.class=pausing_trainer:PausingTrainer",
    )
    yield installed
    installed.upgrade("--set=trainer.code.files=null", "--set=trainer.code.class=")
