"""What others say of the chart: helm lint, the API's schemas of every Kubernetes that it is for, kube-score."""

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.chart.helm import CHART, LOCAL, OLDEST, SHOP, Helm, joined
from tests.chart.kinds import KUBERNETES, kubernetes_schemas, write_custom_schemas
from tests.chart.variants import VARIANTS
from tests.parts.missing import PartMissingError
from tests.programs.go_programs import go_programs

# What kube-score asks for and the chart does not do, and why.
IGNORED: Final = {
    "container-cpu-limit": "a limit slows a pod down while processors are idle; the requests share them out",
    "container-ephemeral-storage-request-and-limit": "what pods write is on /tmp, which has a limit of its own",
    "container-image-pull-policy": "tags of releases do not move; image.pullPolicy and digests are there for others",
    "pod-probes-identical": "the startup probe is the readiness probe, asked more often",
    "label-values": "reads none of our values otherwise than Kubernetes does",
}


@pytest.fixture(scope="session")
def everything(helm: Helm) -> str:
    """Give all that the chart can render."""
    return "\n---\n".join(helm.template(values).text for values in VARIANTS.values())


def test_helm_lint_finds_nothing(each_helm: Helm) -> None:
    each_helm.run("lint", "--strict", *OLDEST, str(CHART), values=SHOP)
    each_helm.run("lint", "--strict", *OLDEST, str(CHART), "--values", str(LOCAL))


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Give the places of all schemas, as kubeconform takes them."""
    try:
        return [kubernetes_schemas(), write_custom_schemas(tmp_path_factory.mktemp("schemas"))]
    except PartMissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_kubernetes_knows_every_field(everything: str, schemas: list[str], version: str) -> None:
    kubeconform(everything, schemas, version)


def test_a_field_that_kubernetes_does_not_know_would_be_found(everything: str, schemas: list[str]) -> None:
    for field in ("revisionHistoryLimit", "parentRefs", "honorLabels"):
        with pytest.raises(AssertionError, match="additional properties"):
            kubeconform(everything.replace(f"{field}:", f"{field}s:"), schemas, KUBERNETES[0])


def test_kube_score_has_nothing_to_add(helm: Helm) -> None:
    values = joined(VARIANTS["local, with network policies"], {"api": {"adminToken": {"value": "token"}}})
    said = score(helm.template(values).text)
    assert not said, said


def kubeconform(manifests: str, schemas: list[str], version: str) -> None:
    places = [part for schema in schemas for part in ("-schema-location", schema)]
    command = [str(_program("kubeconform")), "-strict", "-kubernetes-version", version, "-output", "json", *places, "-"]
    done = subprocess.run(command, input=manifests, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert done.returncode == 0, said


def score(manifests: str) -> list[str]:
    ignored = [part for check in IGNORED for part in ("--ignore-test", check)]
    command = [str(_program("kube-score")), "score", "--output-format", "ci", "--kubernetes-version", "v1.33", *ignored]
    done = subprocess.run([*command, "-"], input=manifests, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return [line for line in done.stdout.splitlines() if not line.startswith(("[OK]", "[SKIPPED]"))]


def _program(name: str) -> Path:
    try:
        return go_programs(name) / name
    except PartMissingError as missing:
        pytest.skip(str(missing))
