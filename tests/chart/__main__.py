"""`python -m tests.chart`: helm lint of the chart and its schema, with the least values and with values-local.yaml."""

import sys

from tests.chart.helm import CHART, LOCAL, OLDEST, SHOP, HelmError, installed
from tests.parts.missing import PartMissingError
from tests.parts.telling import tell
from tests.programs.go_programs import build_notice


def main() -> int:
    """Lint twice; give the exit code."""
    if notice := build_notice("helm"):
        tell(notice)
    try:
        helm = installed("helm")
        helm.run("lint", "--strict", "--quiet", *OLDEST, str(CHART), values=SHOP)
        helm.run("lint", "--strict", "--quiet", *OLDEST, str(CHART), "--values", str(LOCAL))
    except (HelmError, PartMissingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
