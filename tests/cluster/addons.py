"""What a fresh cluster is told: the services of the two addons that run beside it on the host, and their rights."""

from typing import Any

from tests.cluster.kubeconfigs import base64_of
from tests.cluster.site import DNS_SERVICE, METRICS_PORT, Site

_RBAC = "rbac.authorization.k8s.io"
Manifest = dict[str, Any]


def addons(site: Site) -> Manifest:
    """Give all of it as one list for `kubectl apply`."""
    return {"apiVersion": "v1", "kind": "List", "items": [*_dns(site), *_metrics(site)]}


def _dns(site: Site) -> list[Manifest]:
    ports = [_port("dns", 53, "UDP"), _port("dns-tcp", 53, "TCP")]
    watched = {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": ["list", "watch"]}
    slices = {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]}
    return [
        _role("system:coredns", [watched, slices]),
        _binding("system:coredns", "system:coredns", "coredns"),
        _service("kube-dns", {"clusterIP": DNS_SERVICE, "ports": ports}),
        _on_the_host(site, "kube-dns", ports),
    ]


def _metrics(site: Site) -> list[Manifest]:
    nodes = {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]}
    listed = {"apiGroups": [""], "resources": ["pods", "nodes"], "verbs": ["get", "list", "watch"]}
    return [
        _role("system:metrics-server", [nodes, listed]),
        _binding("system:metrics-server", "system:metrics-server", "metrics-server"),
        _binding("metrics-server:system:auth-delegator", "system:auth-delegator", "metrics-server"),
        _reader_of_the_front_proxy("metrics-server"),
        _service("metrics-server", {"ports": [{**_port("https", 443, "TCP"), "targetPort": METRICS_PORT}]}),
        _on_the_host(site, "metrics-server", [_port("https", METRICS_PORT, "TCP")]),
        _metrics_api(site),
    ]


def _metrics_api(site: Site) -> Manifest:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "caBundle": base64_of(site.certificate("ca")),
            "service": {"name": "metrics-server", "namespace": "kube-system", "port": 443},
        },
    }


def _service(name: str, spec: Manifest) -> Manifest:
    """Give a service without a selector: it has no pod to select."""
    metadata = {"name": name, "namespace": "kube-system", "labels": {"k8s-app": name}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _on_the_host(site: Site, service: str, ports: list[Manifest]) -> Manifest:
    labels = {"kubernetes.io/service-name": service}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{service}-host", "namespace": "kube-system", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [site.host], "conditions": {"ready": True}}],
        "ports": ports,
    }


def _port(name: str, port: int, protocol: str) -> Manifest:
    return {"name": name, "port": port, "protocol": protocol}


def _role(name: str, rules: list[Manifest]) -> Manifest:
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def _binding(name: str, role: str, user: str) -> Manifest:
    metadata = {"name": name}
    return {"kind": "ClusterRoleBinding", "metadata": metadata, **_grant("ClusterRole", role, user)}


def _reader_of_the_front_proxy(user: str) -> Manifest:
    """Let an extension API server read by whom requests may be passed on to it."""
    metadata = {"name": f"{user}-auth-reader", "namespace": "kube-system"}
    grant = _grant("Role", "extension-apiserver-authentication-reader", user)
    return {"kind": "RoleBinding", "metadata": metadata, **grant}


def _grant(kind: str, role: str, user: str) -> Manifest:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": user}],
    }
