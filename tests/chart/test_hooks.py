"""What runs right after `helm install`."""

from runtime.errors import Exit
from tests.chart.conftest import Render
from tests.chart.manifests import Manifests, environment

HELMS_OWN_TIMEOUT_SECONDS = 300


def test_the_first_training_is_started_and_not_waited_for(render: Render) -> None:
    rendered = render()
    job = rendered.get("Job", "trainer-first-start")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "post-install"
    container = rendered.container("Job", "trainer-first-start")
    assert container["args"] == ["-m", "trainer", "start", "--name", "first"]
    assert environment(container)["CLUSTER_NAMESPACE"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert not [name for name in environment(container) if name.startswith(("DB_", "AWS_"))]
    assert rendered.pod("Job", "trainer-first-start")["serviceAccountName"] == "trainer-first"


def test_it_can_be_left_out_with_all_that_belongs_to_it(render: Render) -> None:
    rendered = render({"trainer": {"firstTraining": {"enabled": False}}})
    assert not [name for name in rendered.names() if "first" in name]
    assert not rendered.names("Job")


def test_no_hook_holds_helm_up_until_its_own_timeout_or_is_left_behind(local: Manifests) -> None:
    for name in local.names("Job"):
        job = local.get("Job", name)
        assert job["spec"]["activeDeadlineSeconds"] < HELMS_OWN_TIMEOUT_SECONDS
        assert job["spec"]["ttlSecondsAfterFinished"] <= 3600
        assert job["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"


def test_a_hook_that_cannot_succeed_fails_at_once_and_says_why(local: Manifests) -> None:
    for name in local.names("Job"):
        job = local.get("Job", name)
        (rule,) = job["spec"]["podFailurePolicy"]["rules"]
        assert rule["onExitCodes"]["values"] == [Exit.BAD_SETTINGS, Exit.BAD_DATA, 137]
        assert rule["onExitCodes"]["containerName"] == local.container("Job", name)["name"]
        assert job["metadata"]["annotations"]["helm.sh/hook-output-log-policy"] == "hook-failed"


def test_the_shop_is_made_before_it_is_trained_on(local: Manifests) -> None:
    weight = {
        name: int(local.get("Job", name)["metadata"]["annotations"]["helm.sh/hook-weight"])
        for name in local.names("Job")
    }
    assert sorted(weight, key=weight.__getitem__) == ["sample-shop", "trainer-first-start"]


def test_all_but_hooks_can_be_applied_without_helm(render: Render) -> None:
    """`helm template --no-hooks | kubectl apply`: the accounts and roles of hooks are ordinary objects."""
    hooks = {one["kind"] for one in render().objects if "helm.sh/hook" in one["metadata"].get("annotations", {})}
    assert hooks == {"Job", "Pod"}
