"""What a real API server says of the chart's objects, and of its pods where it enforces Pod Security `restricted`."""

import json

import pytest

from tests.chart.helm import CHART, SHOP, Helm, Values, joined
from tests.chart.kinds import custom_resources
from tests.chart.manifests import Json, Manifests, pod_template
from tests.chart.variants import VARIANTS
from tests.cluster.control_plane import ControlPlane
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import kubectl
from tests.parts.missing import PartMissingError

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
ACCOUNTS = ("trainer", "api", "monitor", "trainer-first")
RUNTIME = "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: gvisor}, handler: runsc}"


@pytest.fixture(scope="session")
def operators(control_plane: ControlPlane) -> ControlPlane:
    """Give an API server that knows the custom resources and the RuntimeClass that some pods ask for."""
    try:
        files = [f"--filename={path}" for path in custom_resources()]
    except PartMissingError as missing:
        pytest.skip(str(missing))
    kubectl(control_plane.site, "apply", "--server-side", *files)
    kubectl(control_plane.site, "apply", "--filename=-", given=RUNTIME)
    kubectl(control_plane.site, "wait", "--for=condition=Established", "--timeout=30s", *files)
    return control_plane


@pytest.fixture
def restricted(operators: ControlPlane) -> str:
    """Give a namespace that enforces Pod Security `restricted`, with the accounts of the chart's pods."""
    namespace = operators.new_namespace(RESTRICTED)
    for account in ACCOUNTS:
        for prefix in ("", "blue-"):
            operators.create_service_account(namespace, prefix + account)
    return namespace


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_real_api_server_takes_every_object(
    helm: Helm, operators: ControlPlane, restricted: str, values: Values
) -> None:
    rendered = helm.template(values)
    text = rendered.text.replace("namespace: ns\n", f"namespace: {restricted}\n")
    said = kubectl(operators.site, "apply", "--dry-run=server", "--validate=strict", "--filename=-", given=text)
    assert len(said.splitlines()) == len(rendered.objects)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_pod_is_let_into_a_restricted_namespace(
    helm: Helm, operators: ControlPlane, restricted: str, values: Values
) -> None:
    pods = _pods(helm.template(values), restricted)
    assert {"CronJob/trainer", "Deployment/api"} <= {name.replace("/blue-", "/") for name in pods}
    for name, pod in pods.items():
        try:
            said = kubectl(operators.site, "create", "--dry-run=server", "--filename=-", given=json.dumps(pod))
        except ClusterError as error:
            pytest.fail(f"{name}: {error}")
        assert "created (server dry run)" in said


def test_a_pod_that_may_do_more_would_not_be_let_in(helm: Helm, operators: ControlPlane, restricted: str) -> None:
    values = joined(SHOP, {"api": {"securityContext": {"allowPrivilegeEscalation": True}}})
    pod = _pods(helm.template(values), restricted)["Deployment/api"]
    with pytest.raises(ClusterError, match="violates PodSecurity"):
        kubectl(operators.site, "create", "--dry-run=server", "--filename=-", given=json.dumps(pod))


def test_helm_asks_a_real_api_server_before_it_installs(each_helm: Helm, operators: ControlPlane) -> None:
    values = VARIANTS["open to the world"]
    where = ("--namespace", operators.new_namespace(RESTRICTED), "--dry-run=server")
    said = each_helm.run("install", "shop", str(CHART), *where, values=values, kubeconfig=operators.admin)
    assert "kubectl --namespace" in said


def _pods(rendered: Manifests, namespace: str) -> dict[str, Json]:
    """Give the pods that the controllers would make."""
    pods = {}
    for one in rendered.objects:
        if one["kind"] in {"Pod", "Job", "Deployment", "CronJob"}:
            template = pod_template(one)
            metadata = {"generateName": "pod-", "namespace": namespace, "labels": template["metadata"]["labels"]}
            pods[f"{one['kind']}/{one['metadata']['name']}"] = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": metadata,
                "spec": template["spec"],
            }
    return pods
