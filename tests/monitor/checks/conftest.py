"""What the tests of checks begin with: a model that is well."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.observation import Observation, observe
from registry.registry import Registry
from tests.builders import publish
from tests.monitor.conftest import a_shop


@pytest.fixture
def well(registry: Registry) -> Observation:
    """Give what is seen of a healthy model, a little after it was published."""
    publish(registry, a_shop())
    return observe(registry, datetime.now(UTC) + timedelta(hours=1))
