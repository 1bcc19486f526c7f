"""The values that README and docs show are values that the chart takes, and they do what the text says."""

import re
import textwrap
from pathlib import Path
from typing import Any, Final

import pytest

from tests.chart.conftest import Render
from tests.chart.helm import Helm
from tests.chart.manifests import environment, read_yaml

CHECKOUT: Final = Path(__file__).parents[2]
README: Final = (CHECKOUT / "README.md").read_text()
HOW_TO: Final = (CHECKOUT / "docs" / "how-to.md").read_text()
IN_A_CLUSTER: Final = HOW_TO.split("## In a cluster")[1]
SEVERAL_MACHINES: Final = HOW_TO.split("## When one machine is not enough")[1].split("\n## ")[0]
TO_BE_TOLD: Final = HOW_TO.split("## To be told when something is wrong")[1].split("\n## ")[0]
LOGS_AND_TRACES: Final = HOW_TO.split("## Logs and traces of the API")[1].split("\n## ")[0]


def values_in(text: str) -> list[dict[str, Any]]:
    """Give the indented blocks that are YAML maps."""
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [
        read_yaml(textwrap.dedent(block))
        for block in blocks
        if re.match(r"    (# shop.yaml$|\w+:)", block, re.MULTILINE)
    ]


def test_shops_values_of_the_readme_are_all_that_a_shop_needs(helm: Helm) -> None:
    (shop,) = values_in(README.split("### For your shop")[1].split("## What it costs")[0].split("and say where")[1])
    rendered = helm.template(shop)
    trainer = rendered.container("CronJob", "trainer")
    assert trainer["image"] == "registry.example.com/shop/recommender-trainer:0.1.0"
    assert environment(trainer)["DB_PASSWORD"]["secretKeyRef"] == {"name": "shop-mysql", "key": "password"}
    api = environment(rendered.container("Deployment", "api"))
    assert api["ADMIN_TOKEN"]["secretKeyRef"] == {"name": "shop-admin", "key": "token"}
    assert api["AWS_ACCESS_KEY_ID"]["secretKeyRef"] == {"name": "shop-s3", "key": "access-key-id"}


@pytest.mark.parametrize("values", values_in(IN_A_CLUSTER), ids="+".join)
def test_values_of_the_how_to_are_taken(render: Render, values: dict[str, Any]) -> None:
    assert render(values).names() >= {"CronJob/trainer", "Deployment/api", "CronJob/monitor"}


def test_the_how_to_shows_four_sets_of_values() -> None:
    assert [sorted(values) for values in values_in(IN_A_CLUSTER)] == [
        ["settings", "trainer"],
        ["trainer"],
        ["api", "monitor", "trainer"],
        ["pods"],
    ]


def test_the_how_tos_workers_are_made_and_spread(render: Render) -> None:
    workers, spread = values_in(SEVERAL_MACHINES)
    job = render(workers).get("CronJob", "trainer")["spec"]["jobTemplate"]["spec"]
    assert job["completions"] == 9
    assert job["template"]["spec"]["initContainers"][0]["resources"]["limits"] == {"memory": "32Gi"}
    (constraint,) = render(workers, **spread).pod("CronJob", "trainer")["topologySpreadConstraints"]
    assert constraint["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "trainer"


def test_the_how_tos_traces_are_sampled_and_sent(render: Render) -> None:
    (values,) = values_in(LOGS_AND_TRACES)
    rendered = render(values)
    assert rendered.data("api")["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://otel-collector.observability:4318"
    assert environment(rendered.container("Deployment", "api"))["OTEL_TRACES_SAMPLER_ARG"] == "0.01"


def test_the_how_tos_webhook_is_told_and_its_limits_hold(render: Render) -> None:
    rendered = render(values_in(TO_BE_TOLD)[0])
    told = environment(rendered.container("CronJob", "monitor"))["MONITOR_WEBHOOK_URL"]
    assert told == {"secretKeyRef": {"name": "slack", "key": "url"}}
    assert rendered.data("monitor")["MONITOR_WEBHOOK_FORMAT"] == "slack"
    assert rendered.data("monitor")["MAX_SUDDEN_CHANGE"] == "0.8"


def test_the_how_tos_alerts_and_dashboard_come_with_the_chart(render: Render) -> None:
    _, values = values_in(TO_BE_TOLD)
    rendered = render(values)
    assert rendered.names() >= {"ServiceMonitor/api", "PrometheusRule/recommender", "ConfigMap/recommender-dashboard"}
    assert "> 0.2" in rendered.text
