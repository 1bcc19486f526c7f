"""Several at once: threads that start together, and processes that do."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

from runtime.errors import RecommenderError

Result = TypeVar("Result")


def race(*contestants: Callable[[], Result]) -> list[Result | RecommenderError]:
    """Run all at the same moment, each in a thread; give what each returned or raised."""
    start = Barrier(len(contestants))

    def run(contestant: Callable[[], Result]) -> Result | RecommenderError:
        start.wait()
        try:
            return contestant()
        except RecommenderError as error:
            return error

    with ThreadPoolExecutor(len(contestants)) as threads:
        return list(threads.map(run, contestants))


def race_processes(script: str, folder: Path, n: int) -> list[list[Any]]:
    """Run a script n times at once; give the JSON list that each printed.

    The script finds `folder`, `me` (0 to n - 1) and `start()`, which waits for the common moment.
    """
    begin = time.time() + 0.6
    commands = [[sys.executable, "-c", _PREAMBLE + script, str(folder), str(me), str(begin)] for me in range(n)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for command in commands]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * n
    return [json.loads(output) for output in outputs]


_PREAMBLE = """
import json, sys, time
from pathlib import Path
folder, me, begin = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
def start():
    time.sleep(max(0.0, begin - time.time()))
"""
