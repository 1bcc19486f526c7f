"""Steps of one process: seconds, and at most how much memory of its own, of mapped files, and of a disk each took."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Final

from benchmarks.measuring import own_bytes

_EVERY_SECONDS: Final = 0.1


@dataclass
class Step:
    """What a step took. Own memory stays until it is freed, and pages of files for as long as the system has room."""

    name: str
    seconds: float = 0.0
    own_peak_bytes: int = 0
    mapped_peak_bytes: int = 0
    disk_peak_bytes: int = 0


class WatchedSteps:
    """Steps, one after the other. What others write to the disk meanwhile counts, too."""

    def __init__(self, folder: Path) -> None:
        self.done: list[Step] = []
        self._folder, self._free_at_first = folder, shutil.disk_usage(folder).free

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Watch one step."""
        step, is_over, started = Step(name), Event(), perf_counter()
        # As a daemon it keeps nobody waiting where a signal comes before there is anything to end it.
        watching = Thread(target=self._watch, args=(step, is_over), daemon=True)
        watching.start()
        try:
            yield
        finally:
            step.seconds = perf_counter() - started
            is_over.set()
            watching.join()
            self.done.append(step)
            sys.stderr.write(f"{name}: {step.seconds:.1f} s\n")

    def _watch(self, step: Step, is_over: Event) -> None:
        while True:
            step.own_peak_bytes = max(step.own_peak_bytes, own_bytes("RssAnon"))
            step.mapped_peak_bytes = max(step.mapped_peak_bytes, own_bytes("RssFile"))
            taken = self._free_at_first - shutil.disk_usage(self._folder).free
            step.disk_peak_bytes = max(step.disk_peak_bytes, taken)
            if is_over.wait(_EVERY_SECONDS):
                return
