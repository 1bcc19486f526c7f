"""A shop with two models: real servers of each, a Deployment that really rolls, and a store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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

    def undo(self, plane: ControlPlane) -> None:
        kubectl(plane.site, "rollout", "undo", "deployment/api", f"--namespace={self.release.namespace}")


@contextmanager
def open_shop(plane: ControlPlane, release: RollingRelease, node: Node, folder: Path) -> Iterator[Shop]:
    """Open a shop for as long as the context lasts, with its store in a folder."""
    settings = ClusterSettings.load(
        _env_file=None,
        cluster_namespace=release.namespace,
        kubeconfig=str(plane.admin),
        rollout_seconds=15,
        rollout_watch_seconds=0.5,
        pod_name="trainer-1",
    )
    shop = Shop(Registry(FileStore(folder)), folder, release, node, settings)
    shop.open()
    yield shop
    for server in shop.servers.values():
        server.end()
