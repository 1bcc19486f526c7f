"""A publisher that is killed again and again: `python -m tests.registry.killing FOLDER KILLS SEED`.

A process of its own forks each publisher, so that a kill costs no start of Python, and checks the store after each.
Kills go on beyond KILLS until the publishers got some whole runs done, however busy the machine is.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

from registry.files import FileStore
from registry.history import Outcome, Run, append_run, read_history
from registry.registry import Registry
from tests.builders import a_model, publish

_LONGER_EACH_TIME = 1.05
_WHOLE_RUNS = 10


def main(folder: Path, kills: int, seed: int) -> None:
    registry, lives = Registry(FileStore(folder)), random.Random(seed)
    started = time.monotonic()
    _publish_once(registry, 0)
    longest_life_seconds = time.monotonic() - started
    killed = 0
    while killed < kills or len(read_history(registry.store)) < _WHOLE_RUNS:
        child = os.fork()
        if child == 0:
            _publish_without_end(registry)
        time.sleep(lives.uniform(0, longest_life_seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        killed, longest_life_seconds = killed + 1, longest_life_seconds * _LONGER_EACH_TIME
        _check(registry, folder)


def _publish_without_end(registry: Registry) -> Never:
    number = 0
    while True:
        number += 1
        _publish_once(registry, number)


def _publish_once(registry: Registry, number: int) -> None:
    popularity = [float(number), 1.0, 2.0, 3.0, float(os.getpid())]
    version = publish(registry, a_model(popularity=popularity))
    for name in ("card.html", "plot-1.svg", "plot-2.svg"):
        registry.store.put(f"models/{version}/{name}", b"")
    registry.prune(1)
    run = Run(timestamp=datetime.now(UTC), outcome=Outcome.PROMOTED, duration_seconds=0.1, version=version)
    append_run(registry.store, run)


def _check(registry: Registry, folder: Path) -> None:
    """What a reader sees is whole: the current model, every version that is listed, and the history."""
    pointer = registry.current()
    assert pointer is not None
    for version in {pointer.version, *(summary.version for summary in registry.versions())}:
        assert len(registry.load(version, folder).products) == 5
    assert (folder / "metrics.json").exists() == bool(read_history(registry.store))
    assert not [info for info in registry.store.list("") if "damaged" in info.key or "writing" in info.key]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
