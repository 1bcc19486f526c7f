"""Helm 4, Helm 3, and the chart rendered with the least that a shop has to say."""

from collections.abc import Callable

import pytest

from tests.chart.helm import LOCAL, SHOP, Helm, Values, installed, joined
from tests.chart.manifests import Manifests
from tests.parts.fixtures import announce_builds
from tests.parts.missing import PartMissingError

Render = Callable[..., Manifests]


def _helm(name: str, request: pytest.FixtureRequest) -> Helm:
    announce_builds(request, name)
    try:
        return installed(name)
    except PartMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def helm(request: pytest.FixtureRequest) -> Helm:
    """Give Helm 4."""
    return _helm("helm", request)


@pytest.fixture(scope="session")
def helm3(request: pytest.FixtureRequest) -> Helm:
    """Give Helm 3."""
    return _helm("helm3", request)


@pytest.fixture(scope="session", params=["helm", "helm3"])
def each_helm(request: pytest.FixtureRequest) -> Helm:
    """Give Helm 4, then Helm 3."""
    return _helm(request.param, request)


@pytest.fixture
def render(helm: Helm) -> Render:
    """Give a function that renders the chart with some values on top of the shop's."""

    def render(values: Values | None = None, **top: object) -> Manifests:
        return helm.template(joined(SHOP, values or {}, top))

    return render


@pytest.fixture
def refusal(helm: Helm) -> Callable[[Values], str]:
    """Give a function that gives what helm says of values on top of the shop's."""
    return lambda values: helm.refusal(joined(SHOP, values))


@pytest.fixture
def local(helm: Helm) -> Manifests:
    """Give what values-local.yaml renders."""
    return helm.template({}, "--values", str(LOCAL))
