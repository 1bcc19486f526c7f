"""NetworkPolicies: who may speak to whom, where they are on."""

from typing import Any

import pytest

from tests.chart.conftest import Render
from tests.chart.helm import Helm, joined
from tests.chart.manifests import Manifests
from tests.chart.variants import VARIANTS

ON = {"networkPolicy": {"enabled": True}}
DNS, KUBERNETES, HTTPS, MYSQL = {53, 5353}, {443, 6443, 8443}, {443}, {3306}


def test_each_pod_has_exactly_one_policy(helm: Helm) -> None:
    rendered = helm.template(joined(VARIANTS["local, with network policies"]))
    policies = [rendered.get("NetworkPolicy", name) for name in rendered.names("NetworkPolicy")]
    assert {tuple(policy["spec"]["policyTypes"]) for policy in policies} == {("Ingress", "Egress")}
    for name, template in rendered.pod_templates():
        labels = template["metadata"]["labels"]
        chosen = [p for p in policies if p["spec"]["podSelector"]["matchLabels"].items() <= labels.items()]
        assert len(chosen) == 1, name


@pytest.mark.parametrize(
    ("name", "ports"),
    [
        ("trainer", DNS | KUBERNETES | HTTPS | MYSQL | {8000}),
        ("api", DNS | HTTPS),
        ("monitor", DNS | KUBERNETES | HTTPS | {8000}),
        ("recommender-test", DNS | HTTPS | {8000}),
        ("recommender-hooks", DNS | KUBERNETES | MYSQL),
    ],
)
def test_pods_reach_what_they_need_and_nothing_else(render: Render, name: str, ports: set[int]) -> None:
    assert _egress(render(ON), name) == ports


def test_the_api_reaches_kubernetes_and_its_other_replicas_where_it_takes_a_token(render: Render) -> None:
    rendered = render(ON, api={"adminToken": {"value": "token"}})
    assert _egress(rendered, "api") == DNS | HTTPS | KUBERNETES | {8000}
    (to,) = [rule["to"] for rule in rendered.get("NetworkPolicy", "api")["spec"]["egress"] if "to" in rule]
    assert to[0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "api"


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [
        ("http://otel-collector.observability:4318", 4318),
        ("http://otel-collector.observability:4318/traces", 4318),
        ("http://collector", 80),
        ("https://otlp.example.com:8443", 8443),
    ],
)
def test_the_api_reaches_where_it_sends_traces(render: Render, endpoint: str, port: int) -> None:
    rendered = render(ON, api={"settings": {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}})
    assert _egress(rendered, "api") == DNS | HTTPS | {port}
    assert _egress(rendered, "trainer") == _egress(render(ON), "trainer")


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [
        ("http://minio:9000", 9000),
        ("http://minio/", 80),
        ("https://s3.example.com:9443", 9443),
        ("http://[fd00::1]:9", 9),
    ],
)
def test_the_store_is_reached_on_its_port(render: Render, endpoint: str, port: int) -> None:
    assert _egress(render(ON, store={"endpointUrl": endpoint}), "recommender-test") == DNS | HTTPS | {8000, port}


@pytest.mark.parametrize(
    ("database", "port"),
    [
        ({"port": 3307}, 3307),
        ({"url": "mysql://user:pass@host:3308/shop"}, 3308),
        ({"url": "mysql://user:p%3A1@host/shop"}, 3306),
    ],
)
def test_the_database_is_reached_on_its_port(render: Render, database: dict[str, object], port: int) -> None:
    ports = _egress(render(ON, database=database), "trainer")
    assert ports - DNS - KUBERNETES - HTTPS - {8000} == {port}


def test_everybody_may_ask_for_recommendations_unless_told_otherwise(render: Render) -> None:
    assert render(ON).get("NetworkPolicy", "api")["spec"]["ingress"] == [
        {"ports": [{"port": "http", "protocol": "TCP"}]}
    ]


def test_the_trainer_the_monitor_the_test_and_other_replicas_may_ask_whoever_else_may(render: Render) -> None:
    shop = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
    rendered = render(joined(ON, {"networkPolicy": {"api": {"from": [shop]}}}))
    (rule,) = rendered.get("NetworkPolicy", "api")["spec"]["ingress"]
    *ours, theirs = rule["from"]
    labels = [one["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for one in ours]
    assert (labels, theirs) == (["trainer", "monitor", "test", "api"], shop)


def test_rules_can_be_added(render: Render) -> None:
    def rule(port: int) -> dict[str, Any]:
        return {"ports": [{"port": port}]}

    policy = {"extraEgress": [rule(80)], **{name: {"extraEgress": [rule(n)]} for name, n in _NUMBERS.items()}}
    rendered = render(joined(ON, {"networkPolicy": policy}))
    for name, number in _NUMBERS.items():
        assert {80, number} <= _egress(rendered, name)


_NUMBERS = {"trainer": 1001, "api": 1002, "monitor": 1003}


def _egress(rendered: Manifests, name: str) -> set[int]:
    rules = rendered.get("NetworkPolicy", name)["spec"]["egress"]
    return {port["port"] for rule in rules for port in rule["ports"]}
