"""A shop's own trainer class, as the faults need it: it stops in front of a step of the run, or takes too much memory.

It comes into the trainer's pod the way a shop's class does, from a ConfigMap. PAUSE_AT names the step, PAUSE_SECONDS
says how long; GREED_MEGABYTES is what it takes while it trains.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from trainer import ModelTrainer
from trainer.step_clock import StepClock

if TYPE_CHECKING:
    import scipy.sparse as sp

    from model.neighbours import Neighbours

log = logging.getLogger(__name__)
_steps_own = StepClock.step


@contextmanager
def _paused(clock: StepClock, name: str) -> Iterator[None]:
    with _steps_own(clock, name):
        yield
        if name == os.environ.get("PAUSE_AT"):
            log.info("Pausing at the end of step %s", name)
            time.sleep(float(os.environ.get("PAUSE_SECONDS", "600")))


StepClock.step = _paused  # type: ignore[method-assign, assignment]


class PausingTrainer(ModelTrainer):
    """Trains as the project's own does, and takes GREED_MEGABYTES on the way."""

    def train(self, user_items: "sp.csr_matrix") -> "Neighbours | sp.csr_matrix":
        greed = np.ones((int(os.environ.get("GREED_MEGABYTES", "0")), 1 << 20), np.uint8)
        log.info("Took %d bytes", greed.nbytes)
        return super().train(user_items)
