"""What local ridge would take: counted work, and not a clock's, so that the same data are always compared alike."""

from typing import Final

import numpy as np

from trainer.arrays.counts import counts_of
from trainer.choosing.question import Question
from trainer.settings import TrainerSettings

# On two cores of 2025 (benchmarks.quality tells what it took): a system of 200 items, and a sum of the pass over pairs.
_SECONDS_A_SYSTEM: Final = 3e-4
_SECONDS_AN_ADDITION: Final = 2.5e-9
# The pass is made for as many systems at a time.
_SYSTEMS_A_PASS: Final = 1_500
# In the rounds, in full, for the evaluation and for the model that goes live, in times of the whole.
_TIMES: Final = 5


def ridge_seconds(question: Question, settings: TrainerSettings) -> float:
    """Estimate what trying and making local ridge takes in all, as if no event were repeated."""
    events = question.events
    n_of_users = counts_of(events.user_idx, len(events.users)).astype(np.float64)
    n_additions = float(np.sum(np.minimum(n_of_users, settings.max_user_products) ** 2)) / 2
    n_of_items = counts_of(events.item_idx, len(events.products))
    n_systems = int(np.count_nonzero(n_of_items >= settings.min_co_occurrence))
    n_passes = 1 + n_systems / _SYSTEMS_A_PASS
    return _TIMES * (_SECONDS_A_SYSTEM * n_systems + _SECONDS_AN_ADDITION * n_passes * n_additions)
