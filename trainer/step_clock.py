"""The seconds that each step of a run takes."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class StepClock:
    """Times the steps of one run, which begins when the clock is made."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.seconds_by_step: dict[str, float] = {}

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step, also where it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds_by_step[name] = round(time.monotonic() - started, 4)
            log.debug("Step %s done", name, extra={"step": name, "seconds": self.seconds_by_step[name]})

    def summary(self) -> str:
        """Give all steps and their seconds in one line."""
        return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self.seconds_by_step.items())
