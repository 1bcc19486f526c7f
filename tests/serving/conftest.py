"""The shop with two models, and the ways to it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane
from tests.kubernetes.rolling import Node, RollingRelease
from tests.parts.tcp_proxy import TcpProxy, tcp_proxy
from tests.serving.shop import Shop, open_shop


@pytest.fixture
def shop(rolling_plane: ControlPlane, rolling: RollingRelease, node: Node, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(rolling_plane, rolling, node, tmp_path / "store") as shop:
        yield shop


@pytest.fixture
def undo(rolling_plane: ControlPlane, shop: Shop) -> Callable[[], None]:
    """Give a function that does `kubectl rollout undo deployment/api`."""
    return partial(shop.undo, rolling_plane)


@pytest.fixture
def way(rolling_plane: ControlPlane, shop: Shop, tmp_path: Path) -> Iterator[TcpProxy]:
    """Give the way to the API server that the shop's replicas take from now on, which can be cut."""
    with tcp_proxy(rolling_plane.site.api_port) as proxy:
        kubeconfig = tmp_path / "by-the-way.conf"
        url = f"https://127.0.0.1:{proxy.port}"
        kubeconfig.write_text(rolling_plane.admin.read_text().replace(rolling_plane.url, url))
        shop.settings = shop.with_settings(kubeconfig=str(kubeconfig))
        yield proxy
