"""Helm as people run it on the chart."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.chart.manifests import Manifests
from tests.programs.go_programs import go_programs

CHART: Final = Path(__file__).parents[2] / "charts" / "recommender"
LOCAL: Final = CHART / "values-local.yaml"

Values = Mapping[str, Any]

# The oldest cluster that the chart is for. A helm that is built from its Go module takes clusters for older than that.
OLDEST: Final = ("--kube-version", "1.33.0")

# The least that a shop has to say.
SHOP: Final[Values] = {
    "store": {"url": "s3://models/shop", "region": "eu-central-1"},
    "database": {
        "host": "mysql.shop",
        "name": "shop",
        "user": "recommender",
        "existingSecret": {"name": "shop-mysql"},
    },
}


class HelmError(Exception):
    """What helm said when it refused."""


@dataclass(frozen=True)
class Helm:
    """A helm of one version."""

    program: Path

    def run(self, *arguments: str, values: Values | None = None, kubeconfig: Path | None = None) -> str:
        """Run helm, with values on its standard input; give what it printed. Raises HelmError."""
        command = [str(self.program), *arguments]
        if values is not None:
            command += ["--values", "-"]
        if kubeconfig is not None:
            command += ["--kubeconfig", str(kubeconfig)]
        done = subprocess.run(command, input=json.dumps(values or {}), capture_output=True, text=True, check=False)
        if done.returncode:
            raise HelmError(done.stdout + done.stderr)
        return done.stdout

    def template(self, values: Values, *arguments: str, release: str = "shop") -> Manifests:
        """Render the chart. Raises HelmError."""
        command = ("template", release, str(CHART), "--namespace=ns", *OLDEST, *arguments)
        return _rendered(self, json.dumps(values), command)

    def refusal(self, values: Values) -> str:
        """Give what helm says of values that it must not take."""
        try:
            self.template(values)
        except HelmError as error:
            return str(error)
        raise AssertionError(f"helm took {values}")


@cache
def _rendered(helm: Helm, values: str, command: tuple[str, ...]) -> Manifests:
    return Manifests.read(helm.run(*command, values=json.loads(values)))


def installed(name: str) -> Helm:
    """Give the helm of tests/programs/NAME. Raises PartMissingError."""
    return Helm(go_programs(name) / "helm")


def joined(*values: Values) -> dict[str, Any]:
    """Put values together as helm does: maps are merged, and what comes later wins."""
    result: dict[str, Any] = {}
    for one in values:
        for key, value in one.items():
            before = result.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                result[key] = joined(before, value)
            else:
                result[key] = value
    return result
