"""What users tell pods: each of trainer, api and monitor by itself, or all at once."""

from typing import Any

import pytest

from tests.chart.conftest import Render
from tests.chart.manifests import Json, environment, pod_template
from tests.chart.variants import POD

OBJECT = {"trainer": ("CronJob", "trainer"), "api": ("Deployment", "api"), "monitor": ("CronJob", "monitor")}
# Whose pods follow a component's values, besides its own.
FOLLOWS = {"trainer": {"Job/trainer-first-start"}, "api": set(), "monitor": {"Pod/recommender-test"}}


@pytest.mark.parametrize("component", OBJECT)
def test_a_component_can_be_told_everything(render: Render, component: str) -> None:
    plain, told = render(), render({component: POD})
    assert _is_told(pod_template(told.get(*OBJECT[component])))
    changed = {name for name, template in told.pod_templates() if template != dict(plain.pod_templates())[name]}
    assert changed == {"/".join(OBJECT[component])} | FOLLOWS[component]


def test_all_pods_can_be_told_everything_at_once(render: Render) -> None:
    for name, template in render(pods=POD).pod_templates():
        assert _is_told(template), name


def test_a_component_has_the_last_word(render: Render) -> None:
    rendered = render(
        pods={"nodeSelector": {"pool": "all", "arch": "amd64"}, "priorityClassName": "low", "podLabels": {"a": "1"}},
        api={"nodeSelector": {"pool": "api"}, "priorityClassName": "high", "podLabels": {"a": "2"}},
    )
    template = pod_template(rendered.get("Deployment", "api"))
    assert template["spec"]["nodeSelector"] == {"pool": "api", "arch": "amd64"}
    assert template["spec"]["priorityClassName"] == "high"
    assert template["metadata"]["labels"]["a"] == "2"
    assert rendered.pod("CronJob", "trainer")["nodeSelector"] == {"pool": "all", "arch": "amd64"}


def test_lists_of_both_add_up(render: Render) -> None:
    rendered = render(
        pods={"tolerations": [{"key": "a"}], "imagePullSecrets": ["one"]},
        api={"tolerations": [{"key": "b"}], "imagePullSecrets": ["two"]},
        **{"global": {"imagePullSecrets": [{"name": "parent"}]}},
    )
    pod = rendered.pod("Deployment", "api")
    assert pod["tolerations"] == [{"key": "a"}, {"key": "b"}]
    assert [one["name"] for one in pod["imagePullSecrets"]] == ["one", "parent", "two"]


def test_a_platform_may_choose_the_user_as_openshift_does(render: Render) -> None:
    rendered = render(pods={"podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}})
    for name, template in rendered.pod_templates():
        context = template["spec"]["securityContext"]
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & context.keys(), name
        assert context["runAsNonRoot"] is True, name


@pytest.mark.parametrize("component", OBJECT)
def test_objects_carry_labels_and_annotations_of_their_own(render: Render, component: str) -> None:
    told: dict[str, Any] = {"labels": {"team": "a"}, "annotations": {"note": "b"}}
    rendered = render({component: told}, annotations={"all": "c"}, labels={"cost": "d"})
    metadata = rendered.get(*OBJECT[component])["metadata"]
    assert (metadata["labels"]["team"], metadata["labels"]["cost"]) == ("a", "d")
    assert metadata["annotations"] == {"note": "b", "all": "c"}
    if OBJECT[component][0] == "CronJob":
        job = rendered.get(*OBJECT[component])["spec"]["jobTemplate"]["metadata"]
        assert (job["labels"]["team"], job["annotations"]) == ("a", {"note": "b", "all": "c"})


def test_an_account_of_ones_own_takes_the_place_of_the_charts(render: Render) -> None:
    rendered = render({"trainer": {"serviceAccount": {"create": False, "name": "mine"}}})
    assert "trainer" not in rendered.names("ServiceAccount")
    assert rendered.pod("CronJob", "trainer")["serviceAccountName"] == "mine"
    assert [one["name"] for one in rendered.get("RoleBinding", "trainer")["subjects"]] == ["mine"]


def test_an_account_can_have_another_name(render: Render) -> None:
    rendered = render({"api": {"serviceAccount": {"name": "recommendations"}}})
    assert "recommendations" in rendered.names("ServiceAccount")
    assert rendered.pod("Deployment", "api")["serviceAccountName"] == "recommendations"


def _is_told(template: Json) -> bool:
    """Whether a pod template has all that POD says; the throw-away parts have no variables and volumes of users."""
    metadata, pod = template["metadata"], template["spec"]
    container = pod["containers"][0]
    assert metadata["labels"] | POD["podLabels"] == metadata["labels"]
    assert metadata["annotations"] | POD["podAnnotations"] == metadata["annotations"]
    assert environment(container)["EXTRA"] == "one"
    assert POD["extraEnvFrom"][0] in container["envFrom"]
    assert POD["extraVolumes"][0] in pod["volumes"]
    assert POD["extraVolumeMounts"][0] in container["volumeMounts"]
    assert container["securityContext"]["privileged"] is False
    assert pod["securityContext"]["supplementalGroups"] == [2000]
    assert [one["name"] for one in pod["imagePullSecrets"]] == ["registry", "other-registry"]
    same = ("nodeSelector", "tolerations", "affinity", "dnsConfig", "hostAliases")
    words = ("priorityClassName", "runtimeClassName", "schedulerName", "dnsPolicy")
    return all(pod.get(key, {}) == POD[key] or not POD[key] for key in (*same, *words))
