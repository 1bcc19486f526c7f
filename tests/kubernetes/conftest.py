"""What the tests of a rollout share; each file has its own `replica`."""

import pytest

from cluster.api_deployment import ApiDeployment
from tests.api.live import ThreadServer
from tests.kubernetes.rolling import RollingRelease


@pytest.fixture
def served(replica: ThreadServer) -> str:
    """The version that the replica serves."""
    return str(replica.client.get("/readyz").json()["model_version"])


@pytest.fixture
def deployment(rolling: RollingRelease, replica: ThreadServer) -> ApiDeployment:
    """The API's Deployment, whose replicas are asked at the port of the real one."""
    return ApiDeployment(rolling.connection, "api", replica.port)
