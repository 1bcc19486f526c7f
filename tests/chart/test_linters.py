"""What others say of the chart: helm lint, the API's schemas of every Kubernetes that it is for, kube-score."""

import json
import subprocess
from typing import Final

import pytest

from tests.chart.helm import CHART, LOCAL, OLDEST, SHOP, Helm, joined
from tests.chart.kinds import KUBERNETES, write_custom_schemas, write_kubernetes_schemas
from tests.chart.manifests import Manifests
from tests.chart.variants import VARIANTS
from tests.parts.missing import PartMissingError
from tests.programs.go_programs import go_programs

WELL: Final = 10  # kube-score's best grade
# What kube-score asks for and the chart does not do, and why.
IGNORED: Final = {
    "container-ephemeral-storage-request-and-limit": "pods write on /tmp, an emptyDir with a limit of its own",
    "container-image-pull-policy": "tags of releases do not move; image.pullPolicy and digests are there for others",
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints spread the replicas",
}
# Of the throw-away MinIO and MariaDB: one pod each, which ends before the next one starts.
IGNORED_OF_PARTS: Final = {
    "deployment-has-poddisruptionbudget": "a budget would keep the only pod from ever being moved",
    "deployment-replicas": "there can be one of them",
    "deployment-strategy": "two on the same data at once would be worse than a gap",
    "pod-probes-identical": "that MariaDB's port opens is all that a probe without a password can see",
}


@pytest.fixture(scope="session")
def everything(helm: Helm) -> str:
    """Give all that the chart can render."""
    return "\n---\n".join(helm.template(values).text for values in VARIANTS.values())


@pytest.fixture(scope="session")
def schemas(everything: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Give the places of all schemas, as kubeconform takes them."""
    kinds = {(one["apiVersion"], one["kind"]) for one in Manifests.read(everything).objects}
    folder = tmp_path_factory.mktemp("schemas")
    try:
        return [write_kubernetes_schemas(kinds, folder), write_custom_schemas(folder)]
    except PartMissingError as missing:
        pytest.skip(str(missing))


def test_helm_lint_finds_nothing(each_helm: Helm) -> None:
    lint = ("lint", "--strict", *OLDEST, str(CHART))
    assert "1 chart(s) linted, 0 chart(s) failed" in each_helm.run(*lint, values=SHOP)
    assert "1 chart(s) linted, 0 chart(s) failed" in each_helm.run(*lint, "--values", str(LOCAL))


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_kubernetes_knows_every_field(everything: str, schemas: list[str], version: str) -> None:
    assert kubeconform(everything, schemas, version) == []


def test_a_field_that_kubernetes_does_not_know_would_be_found(everything: str, schemas: list[str]) -> None:
    for field in ("revisionHistoryLimit", "parentRefs", "honorLabels"):
        said = kubeconform(everything.replace(f"{field}:", f"{field}s:"), schemas, KUBERNETES[0])
        assert any(f"{field}s" in one for one in said), field


def test_kube_score_has_nothing_to_add(helm: Helm) -> None:
    inside = {"api": {"service": {"type": "ClusterIP", "nodePort": None}}}
    assert score(helm.template(joined(VARIANTS["open to the world"], inside))) == []
    assert score(helm.template(VARIANTS["local, with network policies"])) == []
    told = score(helm.template(joined(SHOP, {"pods": {"securityContext": {"readOnlyRootFilesystem": False}}})))
    assert any("container-security-context-readonlyrootfilesystem" in complaint for complaint in told)


def kubeconform(manifests: str, schemas: list[str], version: str) -> list[str]:
    """Give what is wrong, one line an object."""
    places = [part for schema in schemas for part in ("-schema-location", schema)]
    command = [_program("kubeconform"), "-strict", "-kubernetes-version", version, "-output", "json", *places, "-"]
    done = subprocess.run(command, input=manifests, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return [f"{one['kind']} {one['name']}: {one['msg']}" for one in json.loads(done.stdout)["resources"]]


def score(rendered: Manifests) -> list[str]:
    """Give what kube-score complains of, beyond what is ignored."""
    command = [_program("kube-score"), "score", "--output-format", "json", "--kubernetes-version", "v1.33"]
    command += ["--ignore-container-cpu-limit"]  # it slows a pod down while processors are idle
    done = subprocess.run([*command, "-"], input=rendered.text, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return [
        f"{one['object_name']}: {check['check']['id']}: {[comment['summary'] for comment in check['comments']]}"
        for one in json.loads(done.stdout)
        for check in one["checks"]
        if check["grade"] < WELL and not check["skipped"] and check["check"]["id"] not in _ignored(one["object_name"])
    ]


def _ignored(name: str) -> set[str]:
    parts = name.startswith(("Deployment/apps/v1/ns/minio", "Deployment/apps/v1/ns/mariadb"))
    return {*IGNORED, *(IGNORED_OF_PARTS if parts else ())}


def _program(name: str) -> str:
    try:
        return str(go_programs(name) / name)
    except PartMissingError as missing:
        pytest.skip(str(missing))
