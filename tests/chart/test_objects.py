"""What holds for every object the chart renders, whatever the values."""

from typing import Any

import pytest

from runtime import __version__
from tests.chart.helm import Helm, Values
from tests.chart.manifests import Manifests, containers, environment
from tests.chart.variants import VARIANTS

PIN = "recommender/model-version"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"

pytestmark = pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS.keys())


@pytest.fixture
def rendered(helm: Helm, values: Values) -> Manifests:
    return helm.template(values)


def test_every_object_carries_the_labels_that_kubernetes_recommends(rendered: Manifests) -> None:
    for one in rendered.objects:
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == labels["app.kubernetes.io/part-of"] == "recommender"
        assert labels["app.kubernetes.io/instance"] == "shop"
        assert labels["app.kubernetes.io/version"] == __version__
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/component"]


def test_every_object_is_in_the_namespace_of_the_release(rendered: Manifests) -> None:
    assert {one["metadata"]["namespace"] for one in rendered.objects} == {"ns"}


def test_no_two_objects_have_the_same_name(rendered: Manifests) -> None:
    assert len(rendered.names()) == len(rendered.objects)


def test_the_pin_and_the_restart_are_left_to_the_trainer(rendered: Manifests) -> None:
    for name, template in rendered.pod_templates():
        annotations = template["metadata"].get("annotations", {})
        assert not {PIN, RESTARTED_AT} & annotations.keys(), name


def test_no_pod_gets_the_addresses_of_services_as_variables(rendered: Manifests) -> None:
    assert {template["spec"]["enableServiceLinks"] for _, template in rendered.pod_templates()} == {False}


def test_every_container_passes_the_restricted_pod_security_standard(rendered: Manifests) -> None:
    for name, template in rendered.pod_templates():
        pod = template["spec"]["securityContext"]
        assert pod["runAsNonRoot"] is True, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name


def test_every_container_of_the_chart_has_a_read_only_root_and_room_on_tmp(rendered: Manifests) -> None:
    for name, template in rendered.pod_templates():
        volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        for container in containers(template):
            if container["image"].startswith("registry.example.com"):
                continue
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, name
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, name
            assert container["resources"]["limits"].keys() == {"memory"}, name
            if container.get("args", [""])[0] != "-c":
                mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
                assert volumes[mounts["/tmp"]]["emptyDir"]["sizeLimit"], name


def test_only_pods_that_speak_to_kubernetes_hold_a_token(rendered: Manifests) -> None:
    for name, template in rendered.pod_templates():
        speaks = any("CLUSTER_NAMESPACE" in environment(container) for container in containers(template))
        assert template["spec"]["automountServiceAccountToken"] is speaks, name


def test_selectors_match_the_pods_they_are_for_and_no_others(rendered: Manifests) -> None:
    pods = {name: template["metadata"]["labels"] for name, template in rendered.pod_templates()}
    for one in rendered.objects:
        if one["kind"] in {"Deployment", "Service"}:
            selector = one["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            matched = {name for name, labels in pods.items() if selector.items() <= labels.items()}
            name = one["metadata"]["name"]
            workers = name.removesuffix("trainer-workers")
            assert matched == {f"Deployment/{name}" if workers == name else f"CronJob/{workers}trainer"}


def test_every_name_leaves_room_for_what_kubernetes_puts_behind_it(rendered: Manifests) -> None:
    assert all(len(name) <= 52 for name in rendered.names("CronJob"))
    assert all(len(one["metadata"]["name"]) <= 63 for one in rendered.objects)


def test_helm_3_and_helm_4_render_the_same(helm: Helm, helm3: Helm, values: Values) -> None:
    assert _by_name(helm3.template(values)) == _by_name(helm.template(values))


def _by_name(rendered: Manifests) -> dict[str, Any]:
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in rendered.objects}
