"""How a client finds the cluster and shows who it is."""

import base64
import json
from pathlib import Path
from typing import Final

from tests.cluster.site import Site

# Those who speak to the API server, under the names of their certificates.
USERS: Final = ("admin", "controller-manager", "scheduler", "kubelet", "proxy", "coredns", "metrics-server")
CONTEXT: Final = "recommender-cluster"


def write_kubeconfigs(site: Site) -> None:
    """Write one for each user, with the keys inside, so that a copy of the file is enough elsewhere."""
    site.kubeconfigs.mkdir(exist_ok=True, mode=0o700)
    for user in USERS:
        shown = {
            "client-certificate-data": base64_of(site.certificate(user)),
            "client-key-data": base64_of(site.key(user)),
        }
        _write(site.kubeconfig(user), site, shown)


def write_token_kubeconfig(site: Site, path: Path, token: str, namespace: str = "default") -> None:
    """Write one for whoever has a token, such as a service account."""
    _write(path, site, {"token": token}, namespace)


def _write(path: Path, site: Site, shown: dict[str, str], namespace: str = "default") -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(_kubeconfig(site, shown, namespace), indent=1) + "\n")


def _kubeconfig(site: Site, shown: dict[str, str], namespace: str) -> dict[str, object]:
    cluster = {"server": site.api_url, "certificate-authority-data": base64_of(site.certificate("ca"))}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": "user", "user": shown}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": "user", "namespace": namespace}}],
    }


def base64_of(file: Path) -> str:
    """Give a file as the API takes it inside of JSON."""
    return base64.b64encode(file.read_bytes()).decode()
