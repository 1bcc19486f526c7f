"""What coming back is worth next to what is new: the strength, and the fading, that do best on all that users took up.

Recipes are compared on new products, where they differ; with the one that was chosen, first half-lives are tried, and
then strengths. What the shop has set itself stays.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from model.model import Model
from trainer.buy_again import affinity_of, buy_again_only, with_again
from trainer.choosing.question import Question, find_question
from trainer.evaluation.gain import ndcg
from trainer.evaluation.lists import candidate_lists, popularity_lists
from trainer.evaluation.rival import model_until
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)

_DECIMALS: Final = 6
_DAY_SECONDS: Final = 86_400
# Parts of the time that the log spans.
_HALF_LIVES: Final = (1 / 4, 1 / 12)
_STRENGTHS: Final = (0.03, 0.1, 0.3, 3.0)


class Weighing(NamedTuple):
    """A strength, and after how many days the past counts for half; None where it does not fade."""

    strength: float
    half_life_days: float | None

    def settings(self, base: TrainerSettings) -> TrainerSettings:
        """Give settings that name both."""
        named = {"buy_again_strength": self.strength, "buy_again_half_life_days": self.half_life_days}
        return base.model_copy(update=named)


@dataclass(frozen=True)
class BuyAgainChoice:
    """What was chosen, the mean ndcg@k of all that was tried, and that of buy again and of popularity alone."""

    chosen: Weighing
    n_users: int
    tried: dict[Weighing, float]
    buy_again: float
    popularity: float

    def as_json(self) -> dict[str, Any]:
        """Render it as the manifest holds it, the best first."""
        tried = sorted(self.tried.items(), key=lambda one: -one[1])
        return {
            **self.chosen._asdict(),
            "n_users": self.n_users,
            "buy_again_ndcg": round(self.buy_again, _DECIMALS),
            "popularity_ndcg": round(self.popularity, _DECIMALS),
            "tried": [{**one._asdict(), "ndcg": round(mean, _DECIMALS)} for one, mean in tried],
        }


def weigh_buy_again(trainer: ModelTrainer, events: Events) -> BuyAgainChoice | None:
    """Try what lists become; None where times tell nothing, so that nobody can be said to have come back."""
    question = find_question(events, trainer.settings)
    if question is None or not question.by_time:
        log.info("What users come back for was not weighed: too few users did something after others")
        return None
    tried = _Tried(trainer, question)
    choice = tried.choose()
    log.info(
        "Buying again weighs %g%s: ndcg@%d %.4f of all that %s users took up, buy again alone %.4f, popularity %.4f",
        choice.chosen.strength,
        "" if choice.chosen.half_life_days is None else f", fading by half in {choice.chosen.half_life_days:g} days",
        trainer.settings.evaluation_k,
        choice.tried[choice.chosen],
        f"{choice.n_users:,}",
        choice.buy_again,
        choice.popularity,
        extra={"buy_again": choice.as_json()},
    )
    return choice


class _Tried:
    """What was tried so far, with one model of the events before the cut."""

    def __init__(self, trainer: ModelTrainer, question: Question) -> None:
        self._settings, self._question = trainer.settings, question
        as_if_new = trainer.under(trainer.settings.model_copy(update={"exclude_seen": True}))
        self._model = model_until(as_if_new, question.events, question.cut)
        self._means: dict[Weighing, float] = {}

    def choose(self) -> BuyAgainChoice:
        settings = self._settings
        first = Weighing(settings.buy_again_strength, settings.buy_again_half_life_days)
        best = self._best(first._replace(half_life_days=days) for days in self._half_lives())
        best = self._best(best._replace(strength=strength) for strength in self._strengths())
        only = buy_again_only(self._model, self._question.events, self._question.cut.seconds, settings.threads)
        popular = popularity_lists(only, self._question.truth.users, settings.evaluation_k)
        return BuyAgainChoice(
            chosen=best,
            n_users=self._question.n_users,
            tried=self._means,
            buy_again=self._mean(only),
            popularity=float(ndcg(self._question.truth.hits(popular.items), self._question.truth.sizes).mean()),
        )

    def _half_lives(self) -> list[float | None]:
        settings = self._settings
        if "buy_again_half_life_days" in settings.model_fields_set:
            return [settings.buy_again_half_life_days]
        earliest = int(self._question.events.occurred_at.min())
        span_days = (self._question.cut.seconds - earliest) / _DAY_SECONDS
        parts = [float(round(part * span_days)) for part in _HALF_LIVES]
        return [None, *(days for days in parts if days >= 1)]

    def _strengths(self) -> list[float]:
        settings = self._settings
        others = () if "buy_again_strength" in settings.model_fields_set else _STRENGTHS
        return [settings.buy_again_strength, *others]

    def _best(self, weighings: Iterable[Weighing]) -> Weighing:
        """Try those that were not tried yet, and give the best of all, of equals the one that was tried first."""
        for one in weighings:
            if one not in self._means:
                affinity = affinity_of(self._question.events, one.settings(self._settings), self._question.cut.seconds)
                self._means[one] = self._mean(with_again(self._model, affinity, one.strength))
        return max(self._means, key=self._means.__getitem__)

    def _mean(self, model: Model) -> float:
        truth, settings = self._question.truth, self._settings
        lists = candidate_lists(model, truth.users, Asking(settings.evaluation_k, settings.threads))
        return float(ndcg(truth.hits(lists.items), truth.sizes).mean())
