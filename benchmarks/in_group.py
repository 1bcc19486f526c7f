"""`python -m benchmarks.in_group PROCS MODULE`: run a module as a program, in the control group of that cgroup.procs.

The process enters before it imports anything large, so that all memory of the module counts with the group.
"""

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Enter, and become the module."""
    procs, module = sys.argv[1:]
    Path(procs).write_text(str(os.getpid()))
    sys.argv[1:] = []
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
