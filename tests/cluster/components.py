"""The cluster's processes: one function each, giving its program and what it is told.

Each command line holds a path of the cluster's folder: by that a process is known to be this cluster's.
"""

from dataclasses import dataclass

from tests.cluster.site import METRICS_PORT, NODE, SERVICES, Site


@dataclass(frozen=True)
class Component:
    """One process, under the name of its program."""

    name: str
    arguments: tuple[str, ...]


def etcd(site: Site) -> Component:
    """Keep what the API server is told; nothing in it has to outlive a crash of the machine."""
    client, peer = site.etcd_url, f"http://127.0.0.1:{site.etcd_peer_port}"
    urls = [f"--listen-client-urls={client}", f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}"]
    itself = [f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}"]
    data = [f"--data-dir={site.folder}/etcd", "--unsafe-no-fsync", "--log-level=warn"]
    return Component("etcd", (*data, *urls, *itself))


def containerd(site: Site) -> Component:
    return Component("containerd", (f"--config={site.configs}/containerd.toml",))


def api_server(site: Site) -> Component:
    return Component(
        "kube-apiserver",
        (
            f"--etcd-servers={site.etcd_url}",
            f"--bind-address={site.host}",
            f"--advertise-address={site.host}",
            f"--secure-port={site.api_port}",
            f"--service-cluster-ip-range={SERVICES}",
            f"--tls-cert-file={site.certificate('apiserver')}",
            f"--tls-private-key-file={site.key('apiserver')}",
            f"--client-ca-file={site.certificate('ca')}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged",
            *_service_accounts(site),
            *_to_the_kubelet(site),
            *_aggregation(site),
        ),
    )


def controller_manager(site: Site) -> Component:
    return Component(
        "kube-controller-manager",
        (
            *_client_of_the_api(site, "controller-manager"),
            f"--service-account-private-key-file={site.key('service-accounts')}",
            f"--root-ca-file={site.certificate('ca')}",
            "--use-service-account-credentials",
            "--allocate-node-cidrs=false",
            "--leader-elect=false",
            f"--flex-volume-plugin-dir={site.folder}/volume-plugins",
        ),
    )


def scheduler(site: Site) -> Component:
    return Component("kube-scheduler", (*_client_of_the_api(site, "scheduler"), "--leader-elect=false"))


def kubelet(site: Site) -> Component:
    return Component(
        "kubelet",
        (
            f"--config={site.configs}/kubelet.json",
            f"--kubeconfig={site.kubeconfig('kubelet')}",
            f"--root-dir={site.kubelet}",
            f"--hostname-override={NODE}",
            f"--node-ip={site.host}",
        ),
    )


def proxy(site: Site) -> Component:
    return Component("kube-proxy", (f"--config={site.configs}/proxy.json",))


def coredns(site: Site) -> Component:
    return Component("coredns", ("-conf", f"{site.configs}/Corefile"))


def metrics_server(site: Site) -> Component:
    user = site.kubeconfig("metrics-server")
    return Component(
        "metrics-server",
        (
            f"--kubeconfig={user}",
            f"--authentication-kubeconfig={user}",
            f"--authorization-kubeconfig={user}",
            f"--bind-address={site.host}",
            f"--secure-port={METRICS_PORT}",
            f"--tls-cert-file={site.certificate('metrics-server')}",
            f"--tls-private-key-file={site.key('metrics-server')}",
            f"--kubelet-certificate-authority={site.certificate('ca')}",
            "--kubelet-preferred-address-types=InternalIP",
            "--metric-resolution=15s",
        ),
    )


def all_components(site: Site) -> list[Component]:
    """Give all of them, in the order of starting."""
    base = [etcd(site), containerd(site), api_server(site)]
    return [*base, *[start(site) for start in (controller_manager, scheduler, kubelet, proxy, coredns, metrics_server)]]


def _client_of_the_api(site: Site, user: str) -> list[str]:
    kubeconfig = site.kubeconfig(user)
    asking = [f"--authentication-kubeconfig={kubeconfig}", f"--authorization-kubeconfig={kubeconfig}"]
    return [f"--kubeconfig={kubeconfig}", *asking, "--bind-address=127.0.0.1"]


def _service_accounts(site: Site) -> list[str]:
    return [
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={site.certificates}/service-accounts.pub",
        f"--service-account-signing-key-file={site.key('service-accounts')}",
    ]


def _to_the_kubelet(site: Site) -> list[str]:
    return [
        f"--kubelet-client-certificate={site.certificate('apiserver-kubelet-client')}",
        f"--kubelet-client-key={site.key('apiserver-kubelet-client')}",
        f"--kubelet-certificate-authority={site.certificate('ca')}",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def _aggregation(site: Site) -> list[str]:
    """Let the API server pass on what the metrics server answers, and with it the autoscaler's figures."""
    return [
        f"--requestheader-client-ca-file={site.certificate('front-proxy-ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={site.certificate('front-proxy-client')}",
        f"--proxy-client-key-file={site.key('front-proxy-client')}",
    ]
