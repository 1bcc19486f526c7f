"""What the API servers of five minor versions, and two operators, take: JSON schemas for kubeconform, and CRDs.

Kubernetes' own come with the PyPI package kubernetes-validate, which is made of each version's OpenAPI. Those of the
Gateway API and of the Prometheus operator are in their Go modules, pinned by custom_resources/go.sum.
"""

import importlib.util
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.parts.missing import PartMissingError, find_program

# Those that Chart.yaml's kubeVersion lets in.
KUBERNETES: Final = ("1.33.0", "1.34.0", "1.35.0", "1.36.0", "1.37.0")

_MODULE: Final = Path(__file__).parent / "custom_resources"
_FILES: Final = {
    "sigs.k8s.io/gateway-api": "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"
    ),
}


def kubernetes_schemas() -> str:
    """Give kubeconform's pattern of the strict schemas of each version. Raises PartMissingError."""
    package = importlib.util.find_spec("kubernetes_validate")
    if package is None or package.origin is None:
        raise PartMissingError("the PyPI package kubernetes-validate is not installed: it is in requirements/dev.txt")
    folder = Path(package.origin).parent / "kubernetes-json-schema"
    return f"{folder}/{{{{.NormalizedKubernetesVersion}}}}-local-strict/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"


@cache
def custom_resources() -> tuple[Path, ...]:
    """Give the CRDs of HTTPRoute and ServiceMonitor. Raises PartMissingError."""
    go = find_program("go", "the CRDs are in Go modules, and Go is not installed (https://go.dev/dl)")
    command = [go, "mod", "download", "-json", *_FILES]
    done = subprocess.run(command, cwd=_MODULE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartMissingError(f"the CRDs cannot be downloaded: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    modules = _objects(done.stdout)
    return tuple(Path(module["Dir"]) / _FILES[module["Path"]] for module in modules)


def write_custom_schemas(folder: Path) -> str:
    """Write the schemas of the custom resources, and give kubeconform's pattern of them."""
    for path in custom_resources():
        definition = yaml.safe_load(path.read_text())
        kind = definition["spec"]["names"]["kind"].lower()
        for version in definition["spec"]["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            (folder / f"{kind}-{version['name']}.json").write_text(json.dumps(schema))
    return f"{folder}/{{{{.ResourceKind}}}}-{{{{.ResourceAPIVersion}}}}.json"


def _strict(schema: Any) -> Any:  # noqa: ANN401 (any piece of a JSON schema)
    """Take no field that a CRD does not have: the API server would drop it without a word."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    # `metadata` is a bare object in a CRD.
    if isinstance(schema.get("properties"), dict) and "x-kubernetes-preserve-unknown-fields" not in schema:
        strict.setdefault("additionalProperties", False)
    return strict


def _objects(text: str) -> list[dict[str, str]]:
    """Read JSON objects that stand one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        one, end = decoder.raw_decode(text)
        found.append(one)
        text = text[end:]
    return found
