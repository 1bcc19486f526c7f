"""Where a cluster lives: its folder, its addresses and its ports."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODE: Final = "node1"
DOMAIN: Final = "cluster.local"
SERVICES: Final = "10.96.0.0/16"
API_SERVICE: Final = "10.96.0.1"
DNS_SERVICE: Final = "10.96.0.10"
PODS: Final = "10.244.0.0/24"
POD_GATEWAY: Final = "10.244.0.1"
METRICS_PORT: Final = 4443


@dataclass(frozen=True)
class Site:
    """One cluster's place on this machine. Pods reach `host`, so it is an address of its own rather than loopback's."""

    folder: Path
    host: str = "10.255.0.1"
    api_port: int = 6443
    etcd_port: int = 12379
    etcd_peer_port: int = 12380

    @property
    def name(self) -> str:
        """Name what lies outside the folder, beside that of other clusters: cgroups and the pods' network."""
        return f"recommender-{hashlib.sha256(bytes(self.folder)).hexdigest()[:8]}"

    @property
    def api_url(self) -> str:
        return f"https://{self.host}:{self.api_port}"

    @property
    def etcd_url(self) -> str:
        return f"http://127.0.0.1:{self.etcd_port}"

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates"

    def certificate(self, name: str) -> Path:
        return self.certificates / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.certificates / f"{name}.key"

    @property
    def kubeconfigs(self) -> Path:
        return self.folder / "kubeconfigs"

    def kubeconfig(self, user: str) -> Path:
        return self.kubeconfigs / f"{user}.conf"

    @property
    def configs(self) -> Path:
        return self.folder / "configs"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, component: str) -> Path:
        return self.logs / f"{component}.log"

    @property
    def containerd(self) -> Path:
        return self.folder / "containerd"

    @property
    def containerd_socket(self) -> Path:
        return self.containerd / "containerd.sock"

    @property
    def kubelet(self) -> Path:
        return self.folder / "kubelet"

    @property
    def pod_logs(self) -> Path:
        return self.folder / "pod-logs"


def local_site() -> Site:
    """Give the place of this user's one cluster: $RECOMMENDER_CLUSTER, or a folder of the cache."""
    chosen = os.environ.get("RECOMMENDER_CLUSTER")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Site(Path(chosen).absolute() if chosen else cache / "recommender-tests" / "cluster")
