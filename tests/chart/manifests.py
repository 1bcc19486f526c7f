"""What the chart renders, as the objects that the API server would get."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

Json = dict[str, Any]

# libyaml is five times as fast, where it is there.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPLATE: Final = {
    "Pod": (),
    "Job": ("spec", "template"),
    "Deployment": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


@dataclass(frozen=True)
class Manifests:
    """Objects, and the YAML that they were read from."""

    text: str
    objects: list[Json]

    @classmethod
    def read(cls, text: str) -> "Manifests":
        return cls(text, [one for one in yaml.load_all(text, _LOADER) if one is not None])

    def get(self, kind: str, name: str) -> Json:
        """Give the one object of this kind and name."""
        found = [one for one in self.objects if (one["kind"], one["metadata"]["name"]) == (kind, name)]
        assert len(found) == 1, f"{len(found)} objects are {kind} {name}, of {self.names()}"
        return found[0]

    def names(self, kind: str | None = None) -> set[str]:
        """Give the names of all objects of a kind; without one, `Kind/name` of every object."""
        if kind is None:
            return {f"{one['kind']}/{one['metadata']['name']}" for one in self.objects}
        return {one["metadata"]["name"] for one in self.objects if one["kind"] == kind}

    def pod(self, kind: str, name: str) -> Json:
        """Give the spec of the pods of an object."""
        return dict(pod_template(self.get(kind, name))["spec"])

    def container(self, kind: str, name: str) -> Json:
        """Give the first container of the pods of an object."""
        return dict(self.pod(kind, name)["containers"][0])

    def pod_templates(self) -> Iterator[tuple[str, Json]]:
        """Give `Kind/name` and the pod template of everything that has pods."""
        for one in self.objects:
            if one["kind"] in _TEMPLATE:
                yield f"{one['kind']}/{one['metadata']['name']}", pod_template(one)

    def data(self, config_map: str) -> dict[str, str]:
        """Give what a ConfigMap holds."""
        return dict(self.get("ConfigMap", config_map)["data"])


def pod_template(manifest: Json) -> Json:
    """Give the metadata and spec of a manifest's pods; a Pod's are its own."""
    for key in _TEMPLATE[manifest["kind"]]:
        manifest = manifest[key]
    return manifest


def containers(template: Json) -> list[Json]:
    """Give all containers of a pod template."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def environment(container: Json) -> dict[str, Any]:
    """Give a container's own variables: the value, or where it comes from."""
    entries = container.get("env", [])
    names = [entry["name"] for entry in entries]
    assert len(names) == len(set(names)), f"twice the same name, which is an error to Helm 4: {names}"
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in entries}


def read_yaml(text: str) -> Any:  # noqa: ANN401 (whatever it says)
    """Read one YAML document."""
    return yaml.load(text, _LOADER)  # a safe loader
