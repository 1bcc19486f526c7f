"""Where the time of starting a Python program goes, from what `python -X importtime` tells."""

import sys
from collections import defaultdict
from pathlib import Path

from benchmarks.measuring import CHECKOUT, measure_python

_OWN = "this project"
_STANDARD = "standard library"


def import_seconds(arguments: list[str], folder: Path, environment: dict[str, str]) -> dict[str, float]:
    """Run this Python with arguments, and give the seconds that imports took by top package, longest first.

    They are each module's own seconds, without what it imports in turn, and with what the measuring itself costs.
    """
    told = measure_python(["-X", "importtime", *arguments], folder, environment).errors
    return summed_by_package(told)


def summed_by_package(told: str) -> dict[str, float]:
    """Sum up the lines `import time: self [us] | cumulative | module` by top package; other lines do not count."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for line in told.splitlines():
        columns = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and columns[0].strip().isdecimal():
            seconds[_group(columns[-1].strip())] += int(columns[0]) / 1e6
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _group(module: str) -> str:
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        return _STANDARD
    return _OWN if (CHECKOUT / package).is_dir() else package
