"""An API server and its database alone, on free ports of loopback in a temporary folder: no root, no pods.

For tests of what speaks to Kubernetes. Pods, Jobs and Deployments can be made and read, and nothing becomes of them
but what the controllers asked for do.
"""

import tempfile
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tests.cluster import components
from tests.cluster.api_client import Answer, ask
from tests.cluster.certificates import make_certificates
from tests.cluster.components import Component
from tests.cluster.errors import ClusterError
from tests.cluster.kubeconfigs import write_kubeconfigs, write_token_kubeconfig
from tests.cluster.programs import program
from tests.cluster.site import Site
from tests.parts.http_probe import answers_well
from tests.parts.missing import find_program
from tests.parts.processes import end, free_port, start, start_server


@dataclass(frozen=True)
class ControlPlane:
    """A running API server. `admin` is the path of its administrator's kubeconfig."""

    site: Site

    @property
    def url(self) -> str:
        return self.site.api_url

    @property
    def admin(self) -> Path:
        return self.site.kubeconfig("admin")

    @property
    def authority(self) -> Path:
        """Give the certificate by which clients know the server."""
        return self.site.certificate("ca")

    def new_namespace(self, labels: Mapping[str, str] = MappingProxyType({})) -> str:
        """Make a namespace of a new name, with the service account that pods there go by unless they name another."""
        name = f"shop-{uuid.uuid4().hex[:12]}"
        self.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": dict(labels)}})
        self.create_service_account(name, "default")
        return name

    def create_service_account(self, namespace: str, name: str) -> None:
        self.create(_service_accounts(namespace), {"metadata": {"name": name}})

    def token(self, namespace: str, service_account: str) -> str:
        """Give a token such as the service account's pods find in their file system."""
        asked = {"spec": {"expirationSeconds": 3600}}
        answer = self.create(f"{_service_accounts(namespace)}/{service_account}/token", asked)
        return str(answer.json()["status"]["token"])

    def service_account_kubeconfig(self, namespace: str, service_account: str) -> Path:
        """Give the path of a kubeconfig with a new token of a service account, in its namespace."""
        path = self.site.kubeconfigs / f"{namespace}-{service_account}.conf"
        write_token_kubeconfig(self.site, path, self.token(namespace, service_account), namespace)
        return path

    def create(self, path: str, manifest: object) -> Answer:
        """Post a manifest to a path of the API. Raises ClusterError where the API server does not take it."""
        answer = ask(self.site, path, manifest)
        if not answer.ok:
            raise ClusterError(f"POST {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer


@contextmanager
def running_control_plane(controllers: Collection[str] = ()) -> Iterator[ControlPlane]:
    """Run one for as long as the context lasts; its folder goes with it.

    `controllers` are those of kube-controller-manager to run too, by its names for them: `job-controller`,
    `garbage-collector-controller` and so on. Raises PartMissingError where a program cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="recommender-control-plane-", ignore_cleanup_errors=True) as folder:
        site = Site(Path(folder), host="127.0.0.1")
        site.logs.mkdir()
        make_certificates(site)
        with ExitStack() as stack:
            site = _start_api_server(_start_etcd(site, stack), stack)
            write_kubeconfigs(site)
            if controllers:
                _start_controllers(site, controllers, stack)
            yield ControlPlane(site)


def _start_etcd(site: Site, stack: ExitStack) -> Site:
    peer = replace(site, etcd_peer_port=free_port())
    process, port = start_server(
        lambda port: _command(components.etcd(replace(peer, etcd_port=port))),
        lambda port: answers_well(port, "/health"),
        site.log("etcd"),
    )
    stack.callback(end, process)
    return replace(peer, etcd_port=port)


def _start_api_server(site: Site, stack: ExitStack) -> Site:
    process, port = start_server(
        lambda port: _command(_api_server_alone(replace(site, api_port=port))),
        lambda port: ask(replace(site, api_port=port), "/readyz").ok,
        site.log("kube-apiserver"),
    )
    stack.callback(end, process)
    return replace(site, api_port=port)


def _api_server_alone(site: Site) -> Component:
    """Leave out the endpoints of the Service `kubernetes`, which may not be loopback's."""
    whole = components.api_server(site)
    return Component(whole.name, (*whole.arguments, "--endpoint-reconciler-type=none"))


def _start_controllers(site: Site, controllers: Collection[str], stack: ExitStack) -> None:
    whole = components.controller_manager(site)
    chosen = (f"--controllers={','.join(controllers)}", f"--secure-port={free_port()}")
    process = start(_command(Component(whole.name, (*whole.arguments, *chosen))), site.log(whole.name))
    stack.callback(end, process)


def _command(component: Component) -> list[str]:
    """Have it killed with us: asked to end, the API server would first wait for an etcd that is gone too."""
    killed_with_us = [
        find_program("setpriv", "setpriv is not installed (apt-get install util-linux)"),
        "--pdeathsig=KILL",
    ]
    return [*killed_with_us, program(component.name), *component.arguments]


def _service_accounts(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/serviceaccounts"
