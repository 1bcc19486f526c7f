"""The ways into the API from outside, and Prometheus' way: all off unless asked for."""

from tests.chart.conftest import Render
from tests.chart.manifests import Json


def test_nothing_of_it_is_there_unless_asked_for(render: Render) -> None:
    rendered = render()
    kinds = ("Ingress", "HTTPRoute", "ServiceMonitor", "PrometheusRule", "HorizontalPodAutoscaler", "NetworkPolicy")
    assert not any(rendered.names(kind) for kind in kinds)


def test_an_ingress_leads_each_host_to_the_service(render: Render) -> None:
    hosts = [{"host": "a.example.com"}, {"host": "b.example.com", "paths": [{"path": "/api", "pathType": "Exact"}]}]
    told = {"enabled": True, "className": "nginx", "annotations": {"a": "b"}, "hosts": hosts, "tls": [{"hosts": ["x"]}]}
    found = render({"api": {"ingress": told}}).get("Ingress", "api")
    rules = [(rule["host"], path["path"], path["pathType"]) for rule in found["spec"]["rules"] for path in _paths(rule)]
    assert rules == [("a.example.com", "/", "Prefix"), ("b.example.com", "/api", "Exact")]
    assert {path["backend"]["service"]["name"] for rule in found["spec"]["rules"] for path in _paths(rule)} == {"api"}
    assert found["spec"]["ingressClassName"] == "nginx"
    assert found["spec"]["tls"] == [{"hosts": ["x"]}]
    assert found["metadata"]["annotations"] == {"a": "b"}


def test_a_route_of_the_gateway_api_leads_to_the_service(render: Render) -> None:
    told = {"enabled": True, "parentRefs": [{"name": "public"}], "hostnames": ["a.example.com"]}
    found = render({"api": {"httpRoute": told, "service": {"port": 8080}}}).get("HTTPRoute", "api")["spec"]
    assert found["parentRefs"] == [{"name": "public"}]
    assert found["hostnames"] == ["a.example.com"]
    assert found["rules"][0]["backendRefs"] == [{"name": "api", "port": 8080}]
    assert found["rules"][0]["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]


def test_prometheus_finds_the_replicas_by_the_labels_it_selects(render: Render) -> None:
    rendered = render({"api": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}}})
    found = rendered.get("ServiceMonitor", "api")
    assert found["metadata"]["labels"]["release"] == "prometheus"
    service = rendered.get("Service", "api")
    assert found["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [(one["port"], one["path"], one["interval"]) for one in found["spec"]["endpoints"]] == [
        (service["spec"]["ports"][0]["name"], "/metrics", "30s")
    ]


def _paths(rule: Json) -> list[Json]:
    return list(rule["http"]["paths"])
