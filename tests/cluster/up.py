"""From nothing, or from whatever an earlier cluster left, to a node that is ready."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.cluster import components
from tests.cluster.addons import Manifest, addons
from tests.cluster.api_client import ask
from tests.cluster.certificates import make_certificates
from tests.cluster.cgroups import make_cgroups
from tests.cluster.configs import write_configs
from tests.cluster.errors import ClusterError
from tests.cluster.host_network import add_host_address, proxy_tables
from tests.cluster.images import ctr, load_pause_image
from tests.cluster.kernel_settings import change_kernel_settings
from tests.cluster.kubeconfigs import write_kubeconfigs
from tests.cluster.kubectl import kubectl
from tests.cluster.lock import locked
from tests.cluster.preflight import check_host, check_root
from tests.cluster.processes import start
from tests.cluster.programs import build_missing
from tests.cluster.readiness import is_up, node_is_ready
from tests.cluster.runtime_leftovers import forget_what_a_reboot_ended
from tests.cluster.site import Site
from tests.cluster.waiting import wait_until

Say = Callable[[str], None]
# The API server would first try for five seconds to reach the metrics server of the cluster's earlier life.
_READY_BUT_FOR_METRICS: Final = "/readyz?exclude=poststarthook/apiservice-discovery-controller"


def up(site: Site, say: Say) -> None:
    """Start what does not run, and wait until the node takes pods and answers for names."""
    check_root()
    with locked(site):
        if is_up(site):
            return
        check_host(site)
        build_missing(say)
        for what, stage in _STAGES.items():
            started = time.monotonic()
            stage(site)
            say(f"{time.monotonic() - started:5.1f} s  {what}")


def _prepare(site: Site) -> None:
    for folder in (site.logs, site.configs, site.containerd, site.kubelet, site.pod_logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_certificates(site)
    write_kubeconfigs(site)
    write_configs(site)
    forget_what_a_reboot_ended(site)
    change_kernel_settings(site)
    add_host_address(site)
    make_cgroups(site)


def _start_the_api(site: Site) -> None:
    start(site, components.etcd(site))
    start(site, components.api_server(site))
    start(site, components.containerd(site))
    wait_until(site, "containerd", lambda: _answers(partial(ctr, site, "version")))
    load_pause_image(site)
    wait_until(site, "the API server", lambda: ask(site, _READY_BUT_FOR_METRICS).ok)


def _start_the_rest(site: Site) -> None:
    wait_until(site, "the namespace kube-system", lambda: ask(site, "/api/v1/namespaces/kube-system").ok)
    for component in (components.controller_manager, components.scheduler, components.kubelet, components.proxy):
        start(site, component(site))
    _apply(site, addons(site))
    for component in (components.coredns, components.metrics_server):
        start(site, component(site))


def _wait_for_the_node(site: Site) -> None:
    wait_until(site, "the node", lambda: node_is_ready(site))
    wait_until(site, "kube-proxy", lambda: bool(proxy_tables()))
    wait_until(site, "the API server", lambda: ask(site, "/readyz").ok)


def _apply(site: Site, manifest: Manifest) -> None:
    """Say what shall be there, whatever an earlier version of us said."""
    kubectl(site, "apply", "--server-side", "--force-conflicts", "--filename=-", given=json.dumps(manifest))


def _answers(command: Callable[[], object]) -> bool:
    try:
        command()
    except ClusterError:
        return False
    return True


_STAGES: Final[dict[str, Callable[[Site], None]]] = {
    "certificates, configurations, the host's address": _prepare,
    "etcd, containerd and the API server answer": _start_the_api,
    "everything else is started": _start_the_rest,
    "the node is ready and answers for names": _wait_for_the_node,
}
