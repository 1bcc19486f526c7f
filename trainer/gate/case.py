"""What the gate looks at: a candidate, what it was made of, how its recipe did, and what it would replace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from model.model import Model
from model.soundness import SoundnessLimits
from registry.erasures import ErasedUsers
from registry.usual import Usual
from trainer.champion import Champion
from trainer.evaluation.evaluation import Evaluation
from trainer.event_figures import EventFigures


@dataclass(frozen=True)
class Case:
    """A candidate before the gate.

    `evaluation` is how its recipe did on events that it had not seen, None where `why_not` says why it was not tried.
    `recipe` and `settings` are those of its manifest. `at` is the time for which it was made.
    `erased` are users whom the champion may know and the candidate must not.
    """

    model: Model
    data: EventFigures
    recipe: str
    settings: Mapping[str, object]
    evaluation: Evaluation | None
    why_not: str
    champion: Champion | None
    usual: Usual
    at: datetime
    minimums: SoundnessLimits
    is_backfill: bool = False
    erased: ErasedUsers = field(default_factory=ErasedUsers)

    @property
    def why_no_champion(self) -> str:
        """Why there is no champion to compare with."""
        if self.is_backfill:
            return "A backfill is not compared with the model in service, which knows what came later."
        return "No model is in service to compare with."


def related_products_share(model: Model) -> float:
    """Give the share of a model's products that have a neighbour, from 0 to 1."""
    return float(np.mean(np.diff(model.neighbours.indptr) > 0)) if len(model.products) else 0.0
