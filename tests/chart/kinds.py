"""What the API servers of five minor versions, and two operators, take: JSON schemas for kubeconform, and CRDs.

Kubernetes' own come with the PyPI package kubernetes-validate, which is made of each version's OpenAPI. Those of the
Gateway API and of the Prometheus operator are in their Go modules, pinned by custom_resources/go.sum.
"""

import importlib.util
import json
import subprocess
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.chart.manifests import read_yaml
from tests.parts.missing import PartMissingError, find_program

# Those that Chart.yaml's kubeVersion lets in.
KUBERNETES: Final = ("1.33.0", "1.34.0", "1.35.0", "1.36.0", "1.37.0")

_MODULE: Final = Path(__file__).parent / "custom_resources"
_FILES: Final = {
    "sigs.k8s.io/gateway-api": ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
}


def write_kubernetes_schemas(kinds: Collection[tuple[str, str]], folder: Path) -> str:
    """Write a strict schema of each (apiVersion, kind) for each version, and give kubeconform's pattern of them.

    Those of kubernetes-validate refer to one another by an address of its own, so each is written out in full. Raises
    PartMissingError.
    """
    package = importlib.util.find_spec("kubernetes_validate")
    if package is None or package.origin is None:
        raise PartMissingError("the PyPI package kubernetes-validate is not installed: it is in requirements/dev.txt")
    for version in KUBERNETES:
        given = Path(package.origin).parent / "kubernetes-json-schema" / f"v{version}-local-strict"
        definitions = json.loads((given / "_definitions.json").read_text())["$defs"]
        (folder / f"v{version}").mkdir()
        for api_version, kind in kinds:
            name = _file_name(api_version, kind)
            if (given / name).exists():
                schema = _in_full(json.loads((given / name).read_text()), definitions)
                (folder / f"v{version}" / name).write_text(json.dumps(schema))
    return f"{folder}/{{{{.NormalizedKubernetesVersion}}}}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"


def _file_name(api_version: str, kind: str) -> str:
    """Give `deployment-apps-v1.json` for apps/v1 and Deployment."""
    group, _, version = api_version.rpartition("/")
    return "-".join(filter(None, [kind.lower(), group.split(".")[0], version])) + ".json"


def _in_full(schema: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any piece of a JSON schema)
    if isinstance(schema, list):
        return [_in_full(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return _in_full(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _in_full(value, definitions) for key, value in schema.items()}


@cache
def custom_resources() -> tuple[Path, ...]:
    """Give the CRDs of HTTPRoute, ServiceMonitor and PrometheusRule. Raises PartMissingError."""
    go = find_program("go", "the CRDs are in Go modules, and Go is not installed (https://go.dev/dl)")
    command = [go, "mod", "download", "-json", *_FILES]
    done = subprocess.run(command, cwd=_MODULE, capture_output=True, text=True, check=False)
    modules = _objects(done.stdout)
    for module in modules:
        if "Error" in module:
            raise PartMissingError(f"{module['Path']} with its CRDs cannot be downloaded: {module['Error']}")
    return tuple(Path(module["Dir"]) / file for module in modules for file in _FILES[module["Path"]])


def write_custom_schemas(folder: Path) -> str:
    """Write the schemas of the custom resources, and give kubeconform's pattern of them."""
    for path in custom_resources():
        definition = read_yaml(path.read_text())
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
