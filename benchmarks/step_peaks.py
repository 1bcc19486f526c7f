"""A run of the trainer that also says how much memory each step took: `python -m benchmarks.step_peaks`.

Between steps the process's peak is reset (Linux, /proc/self/clear_refs), so that the peak of the whole process, as its
starter measures it, is not to be had from such a run. The figures are JSON on standard output.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.measuring import own_bytes, own_peak_bytes
from runtime.logs import set_up_logging
from trainer.pipeline import train_once
from trainer.settings import TrainerSettings
from trainer.step_clock import StepClock

_RESET_PEAK: Final = "5"


class PeakClock(StepClock):
    """A clock that notes each step's peak too; what comes between two steps counts with the one before."""

    peak_bytes_by_step: Final[dict[str, int]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step, and measure the most that the process holds in it."""
        self.note_peak()
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
        with super().step(name):
            yield
        self.peak_bytes_by_step[name] = own_peak_bytes()

    @classmethod
    def note_peak(cls) -> None:
        """Let the latest step have the peak until now."""
        if cls.peak_bytes_by_step:
            latest = next(reversed(cls.peak_bytes_by_step))
            cls.peak_bytes_by_step[latest] = own_peak_bytes()


def main() -> None:
    """Train once, and tell."""
    settings = TrainerSettings.load()
    set_up_logging(settings)
    with patch("trainer.pipeline.StepClock", PeakClock):
        run = train_once(settings)
    told = {
        "seconds_by_step": run.seconds_by_step,
        "peak_bytes_by_step": PeakClock.peak_bytes_by_step,
        "file_bytes": own_bytes("RssFile"),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
