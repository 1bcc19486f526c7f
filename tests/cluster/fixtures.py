"""The cluster's parts as fixtures, started when the first test asks for them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.parts.fixtures import announce_builds, had


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """Give a running API server that obeys RBAC, without any controller: what a test makes is all that happens."""
    announce_builds(request, "etcd", "kubernetes")
    with ExitStack() as stack:
        yield had(running_control_plane(), stack)


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    """Give the name of a new, empty namespace."""
    return control_plane.new_namespace()
