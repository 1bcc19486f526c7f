"""The choice: which variant, out of which, and how sure that is."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from trainer.choosing.buy_again import BuyAgainChoice
from trainer.choosing.trials import Trials
from trainer.choosing.variant import Variant
from trainer.evaluation.bootstrap import Interval

log = logging.getLogger(__name__)

_DECIMALS: Final = 6
# A simpler variant may be worse by so much, as a share, if it is not surely worse.
_TIE_SHARE: Final = 0.01


@dataclass(frozen=True)
class Tried:
    """A variant's mean ndcg@k, and by how much it does better than the one that was chosen, with its interval."""

    variant: Variant
    ndcg: float
    against_chosen: Interval


@dataclass(frozen=True)
class Choice:
    """What was chosen and what was configured, on what, and next to what.

    `popularity` is its mean ndcg@k, `notes` what the shop should know.

    `tried` were compared in full; `rounds` are the means of all that was compared quickly before, in that order. `cut`
    is None where the held-out part was drawn by chance, since times tell nothing. `buy_again` is how what users come
    back for was weighed, None where lists are of new products only.
    """

    chosen: Variant
    configured: Variant
    k: int
    cut: datetime | None
    n_users: int
    popularity: float
    tried: Sequence[Tried]
    rounds: Mapping[Variant, float]
    notes: Sequence[str]
    buy_again: BuyAgainChoice | None = None

    def as_json(self) -> dict[str, Any]:
        """Render it as the manifest holds it, the best first."""
        return {
            "chosen": self.chosen.as_json(),
            "configured": self.configured.as_json(),
            "k": self.k,
            "cut": None if self.cut is None else self.cut.isoformat(),
            "n_users": self.n_users,
            "popularity_ndcg": round(self.popularity, _DECIMALS),
            "tried": [self._told(one) for one in self.tried],
            "rounds": [{**one.as_json(), "ndcg": round(mean, _DECIMALS)} for one, mean in self.rounds.items()],
            "notes": list(self.notes),
            "buy_again": None if self.buy_again is None else self.buy_again.as_json(),
        }

    def changed_weights(self) -> dict[str, tuple[float, float]]:
        """Give what an event of a kind weighs and what was configured, of the kinds where these differ."""
        configured = dict(self.configured.weights)
        return {kind: (weight, configured[kind]) for kind, weight in self.chosen.weights if weight != configured[kind]}

    def _told(self, tried: Tried) -> dict[str, Any]:
        gain = tried.against_chosen
        return {
            **tried.variant.as_json(),
            "ndcg": round(tried.ndcg, _DECIMALS),
            "against_chosen": {name: round(getattr(gain, name), _DECIMALS) for name in ("mean", "low", "high")},
            "is_chosen": tried.variant == self.chosen,
            "is_configured": tried.variant == self.configured,
        }


def choice_of(trials: Trials, rounds: Trials, notes: Sequence[str]) -> Choice:
    """Choose: the best, or the simplest of those that do as well."""
    chosen = simplest_of_equals(trials)
    tried = sorted(trials.values, key=trials.mean, reverse=True)
    question, popularity = trials.question, trials.popularity
    return Choice(
        chosen=chosen,
        configured=Variant.configured(trials.trainer.settings),
        k=trials.trainer.settings.evaluation_k,
        cut=question.cut.time if question.by_time else None,
        n_users=question.n_users,
        popularity=0.0 if popularity is None else float(popularity.mean()),
        tried=[Tried(one, trials.mean(one), trials.gain(one, chosen)) for one in tried],
        rounds={one: rounds.mean(one) for one in rounds.values},
        notes=notes,
    )


def simplest_of_equals(trials: Trials) -> Variant:
    """Give the simplest variant that is at most a hundredth worse than the best, and not surely worse at all."""
    best = trials.best()
    least = (1 - _TIE_SHARE) * trials.mean(best)
    equals = [one for one in trials.values if trials.mean(one) >= least and trials.gain(one, best).high >= 0]
    return min(equals, key=lambda one: (*one.complexity(), -trials.mean(one)))
