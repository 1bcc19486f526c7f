"""Names and labels that people type and that upgrades rely on."""

import re

from runtime import __version__
from tests.chart.conftest import Render
from tests.chart.helm import CHART, SHOP, Helm, joined
from tests.chart.manifests import Manifests, environment
from tests.chart.variants import OPEN


def test_the_chart_has_the_version_of_the_programs() -> None:
    chart = (CHART / "Chart.yaml").read_text()
    assert re.findall(r'^(?:version|appVersion): "?([^"\n]+)"?$', chart, re.MULTILINE) == [__version__, __version__]


def test_the_names_are_those_that_people_type(render: Render) -> None:
    rendered = render()
    assert rendered.names("CronJob") == {"trainer", "monitor"}
    assert rendered.names("Deployment") == rendered.names("Service") == {"api"}
    assert rendered.names("ServiceAccount") == {"trainer", "api", "monitor", "trainer-first"}


def test_a_prefix_lets_a_second_release_into_the_namespace(helm: Helm) -> None:
    values = joined(SHOP, OPEN, {"networkPolicy": {"enabled": True}})
    first = helm.template(values)
    second = helm.template(joined(values, {"namePrefix": "blue"}), release="other")
    assert not first.names() & second.names()
    assert second.names("CronJob") == {"blue-trainer", "blue-monitor"}
    assert _selector(first).items() - _selector(second).items()


def test_all_references_follow_the_prefix(render: Render) -> None:
    rendered = render(OPEN, namePrefix="blue")
    assert rendered.data("blue-trainer") | {
        "API_DEPLOYMENT": "blue-api",
        "TRAINER_CRONJOB": "blue-trainer",
        "TRAINER_LEASE": "blue-trainer",
    } == rendered.data("blue-trainer")
    assert rendered.get("HorizontalPodAutoscaler", "blue-api")["spec"]["scaleTargetRef"]["name"] == "blue-api"
    assert {role["name"] for rule in rendered.get("Role", "blue-trainer")["rules"] for role in _names(rule)} == {
        "blue-api",
        "blue-trainer",
    }
    for name, template in rendered.pod_templates():
        for container in template["spec"]["containers"]:
            sources = [source["configMapRef"]["name"] for source in container["envFrom"]]
            assert set(sources) <= rendered.names("ConfigMap"), name


def test_selectors_never_change_since_kubernetes_would_refuse_the_upgrade(render: Render) -> None:
    plain = render()
    told = render({"labels": {"team": "shop"}, "api": {"podLabels": {"a": "b"}, "labels": {"c": "d"}}})
    assert _selector(plain) == _selector(told)
    assert _selector(plain) == {
        "app.kubernetes.io/name": "recommender",
        "app.kubernetes.io/instance": "shop",
        "app.kubernetes.io/component": "api",
    }


def test_a_new_version_of_the_chart_alone_restarts_no_pod(render: Render) -> None:
    labels = next(template for name, template in render().pod_templates() if name == "Deployment/api")["metadata"]
    assert not {"helm.sh/chart", "app.kubernetes.io/version"} & labels["labels"].keys()


def test_labels_of_users_never_take_the_place_of_those_that_selectors_use(render: Render) -> None:
    mine = {"app.kubernetes.io/component": "mine", "team": "shop"}
    rendered = render({"labels": mine, "api": {"labels": mine, "podLabels": mine}})
    for _, template in rendered.pod_templates():
        assert template["metadata"]["labels"]["team"] == "shop"
        assert template["metadata"]["labels"]["app.kubernetes.io/component"] != "mine"
    assert rendered.get("Service", "api")["metadata"]["labels"]["app.kubernetes.io/component"] == "api"


def test_images_are_named_by_registry_tag_and_digest(render: Render) -> None:
    def image(**values: object) -> str:
        return str(render(values).container("Deployment", "api")["image"])

    digest = f"sha256:{'0' * 64}"
    assert image() == f"recommender-api:{__version__}"
    assert image(image={"registry": "registry.example.com/shop/"}) == (
        f"registry.example.com/shop/recommender-api:{__version__}"
    )
    assert image(**{"global": {"imageRegistry": "mirror"}}) == f"mirror/recommender-api:{__version__}"
    assert image(api={"image": {"registry": "own", "repository": "api", "tag": "2"}}) == "own/api:2"
    assert image(api={"image": {"digest": digest}}) == f"recommender-api@{digest}"


def test_no_pod_waits_for_a_config_map_or_secret_that_the_chart_should_have_made(local: Manifests) -> None:
    for name, template in local.pod_templates():
        for container in template["spec"]["containers"]:
            for source in environment(container).values():
                if isinstance(source, dict) and "secretKeyRef" in source:
                    secret = local.get("Secret", source["secretKeyRef"]["name"])
                    assert source["secretKeyRef"]["key"] in secret["stringData"], name


def test_objects_of_ones_own_come_with_the_release(render: Render) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "{{ .Release.Name }}-mine"}}
    rendered = render({"extraObjects": [secret, secret | {"kind": "ConfigMap"}]})
    assert {"Secret/shop-mine", "ConfigMap/shop-mine"} <= rendered.names()


def _selector(rendered: Manifests) -> dict[str, str]:
    kind, name = "Deployment", next(iter(rendered.names("Deployment")))
    return dict(rendered.get(kind, name)["spec"]["selector"]["matchLabels"])


def _names(rule: dict[str, list[str]]) -> list[dict[str, str]]:
    return [{"name": name} for name in rule.get("resourceNames", [])]
