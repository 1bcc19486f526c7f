"""A run of the trainer with workers that also says what these did: `python -m benchmarks.watched_run --dask local:2`.

Its arguments are those of `python -m trainer`. The figures are JSON on standard output.
"""

import json
import sys
from dataclasses import asdict
from unittest.mock import patch

from benchmarks.measuring import own_peak_bytes
from benchmarks.watched_tasks import Watch, WatchedTeam
from runtime.errors import Exit
from runtime.process import run
from trainer.__main__ import main as train


def main() -> Exit:
    """Train once, and tell."""
    with patch("trainer.distributed.run.Team", WatchedTeam):
        code = train()
    # The peak that a starter measures is the largest of this process and the workers that it started.
    sys.stdout.write(json.dumps({**asdict(Watch.tasks), "peak_bytes": own_peak_bytes()}))
    return code


if __name__ == "__main__":
    run(main)
