"""One second cluster for all tests of the cluster itself: the developer's own goes on beside it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.cluster.second_cluster import SecondCluster, second_cluster
from tests.parts.fixtures import had


@pytest.fixture(scope="session")
def place() -> Iterator[SecondCluster]:
    """Give a place for a cluster, with whatever the tests before left there."""
    with ExitStack() as stack:
        yield had(second_cluster(), stack)


@pytest.fixture
def cluster(place: SecondCluster) -> SecondCluster:
    """Give a running cluster."""
    place.command("up")
    return place
