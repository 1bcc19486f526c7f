"""A shop with two models: real servers of each, a Deployment that really rolls, and a store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cluster.settings import ClusterSettings
from registry.files import FileStore
from registry.pointer import Pointer
from registry.registry import Registry
from serving.cluster_replicas import ClusterReplicas
from tests.api.live import ThreadServer, settings_for
from tests.builders import a_connected_model, publish
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.rolling import Node, RollingRelease, Told
from tests.parts.tcp_proxy import TcpProxy, tcp_proxy

# The step of builders.a_connected_model, and the address at which its servers are.
STEP_OF = {"old": 1, "new": 5}
ADDRESS_OF = {"old": "127.0.0.1", "new": "127.0.0.2"}


@dataclass
class Shop:
    """The old model in service everywhere, and the new one published."""

    registry: Registry
    folder: Path
    release: RollingRelease
    node: Node
    settings: ClusterSettings
    old: str = ""
    new: str = ""
    servers: dict[str, ThreadServer] = field(default_factory=dict)

    @property
    def replicas(self) -> ClusterReplicas:
        return ClusterReplicas(self.settings)

    @property
    def pointer(self) -> Pointer:
        pointer = self.registry.current()
        assert pointer
        return pointer

    def open(self) -> None:
        self.old = publish(self.registry, a_connected_model(STEP_OF["old"]))
        self.new = publish(self.registry, a_connected_model(STEP_OF["new"]), promote=False)
        for name, version in (("old", self.old), ("new", self.new)):
            settings = settings_for(self.folder, model_version=version, api_host=ADDRESS_OF[name])
            self.servers[name] = ThreadServer(settings, port=self.port).until_ready()
            self.node.run(version, Told(ADDRESS_OF[name]))
        self.settings = self.with_settings(api_port=self.port)
        self.replicas.pin(self.old, "the old one")
        self.release.until_rolled()

    @property
    def port(self) -> int:
        return self.servers["old"].port if self.servers else 0

    def with_settings(self, **changed: object) -> ClusterSettings:
        return self.settings.model_copy(update=changed)

    def agreed_on(self, version: str) -> bool:
        """Wait for the controllers, and tell whether pointer, pin and every pod name a version."""
        self.release.until_rolled()
        pods = {pod["metadata"]["annotations"]["recommender/model-version"] for pod in self.release.pods()}
        return {self.pointer.version, self.release.pinned(), *pods} == {version}


@pytest.fixture
def shop(rolling_plane: ControlPlane, rolling: RollingRelease, node: Node, tmp_path: Path) -> Iterator[Shop]:
    settings = ClusterSettings.load(
        _env_file=None,
        cluster_namespace=rolling.namespace,
        kubeconfig=str(rolling_plane.admin),
        rollout_seconds=15,
        rollout_watch_seconds=0.5,
        pod_name="trainer-1",
    )
    shop = Shop(Registry(FileStore(tmp_path / "store")), tmp_path / "store", rolling, node, settings)
    shop.open()
    yield shop
    for server in shop.servers.values():
        server.end()


@pytest.fixture
def undo(rolling_plane: ControlPlane, shop: Shop) -> Callable[[], None]:
    """Give a function that does what `kubectl rollout undo deployment/api` does."""

    def undo() -> None:
        kubectl(rolling_plane.site, "rollout", "undo", "deployment/api", f"--namespace={shop.release.namespace}")

    return undo


@pytest.fixture
def way(rolling_plane: ControlPlane, shop: Shop, tmp_path: Path) -> Iterator[TcpProxy]:
    """Give the way to the API server that the shop's replicas take from now on, which can be cut."""
    with tcp_proxy(rolling_plane.site.api_port) as proxy:
        kubeconfig = tmp_path / "by-the-way.conf"
        url = f"https://127.0.0.1:{proxy.port}"
        kubeconfig.write_text(rolling_plane.admin.read_text().replace(rolling_plane.url, url))
        shop.settings = shop.with_settings(kubeconfig=str(kubeconfig))
        yield proxy
