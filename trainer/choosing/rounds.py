"""The plan of a comparison: one thing at a time, the best so far carried on.

1. recipes of pairs, each with each way to count repeats, 2. local ridge, on the best of these signals and on the
plainest, 3. what events of other kinds weigh, 4. whether events fade, 5. where local ridge is near the best, how
careful it is to be. What the shop has set itself stays.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from trainer.choosing.question import Question
from trainer.choosing.trials import Trials
from trainer.choosing.variant import Variant
from trainer.choosing.work import ridge_seconds
from trainer.reading.queries import REQUIRED_KIND
from trainer.settings import TrainerSettings
from trainer.signal_settings import Repeats

_PAIR_RECIPES: Final = ("cosine", "normalised")
_REPEATS: Final[tuple[Repeats, ...]] = ("sum", "log", "binary")
_WEIGHTS: Final = (0.1, 1.0)
# Parts of the time that the log spans.
_HALF_LIVES: Final = (1 / 2, 1 / 8)
_DAY_SECONDS: Final = 86_400
# From the penalty that suits most shops to whichever side is better.
_MORE_CAREFUL, _LESS_CAREFUL = (30.0, 100.0), (3.0, 1.0)
# A recipe this far below the best does not come near it by tuning.
_NEAR: Final = 0.9
# A kind that few events are of decides nothing.
_LEAST_SHARE: Final = 0.02
LOCAL_RIDGE: Final = "local_ridge"


def run_rounds(trials: Trials, settings: TrainerSettings) -> None:
    """Try variants round by round."""
    first = Variant.configured(settings)
    repeats = _open(settings, "repeats", _REPEATS) or (settings.repeats,)
    trials.try_all([replace(first, recipe=recipe, repeats=how) for how in repeats for recipe in _PAIR_RECIPES])
    if ridge_seconds(trials.question, settings) <= settings.recipe_budget_seconds:
        signals = dict.fromkeys((trials.best().repeats, repeats[-1]))
        trials.try_all([replace(trials.best(), recipe=LOCAL_RIDGE, repeats=how) for how in signals])
    trials.try_all(list(_other_weights(trials.best(), trials.question, settings)))
    trials.try_all(list(_other_half_lives(trials.best(), trials.question, settings)))
    _tune_ridge(trials, settings)


def _open(settings: TrainerSettings, name: str, values: tuple[Repeats, ...]) -> tuple[Repeats, ...]:
    """Give the values of a setting that are to be tried: none where the shop has set it."""
    return () if name in settings.model_fields_set else values


def _other_weights(best: Variant, question: Question, settings: TrainerSettings) -> Iterator[Variant]:
    if best.repeats == "binary":
        return
    for kind, count in question.events.counts.items():
        if kind != REQUIRED_KIND and not settings.sets_weight_of(kind) and count > _LEAST_SHARE * len(question.events):
            yield from (best.with_weight(kind, weight) for weight in _WEIGHTS)


def _other_half_lives(best: Variant, question: Question, settings: TrainerSettings) -> Iterator[Variant]:
    if "half_life_days" in settings.model_fields_set or not question.by_time:
        return
    span_days = (question.cut.seconds - int(question.events.occurred_at.min())) / _DAY_SECONDS
    for part in _HALF_LIVES:
        if (days := round(part * span_days)) >= 1:
            yield replace(best, half_life_days=float(days))


def _tune_ridge(trials: Trials, settings: TrainerSettings) -> None:
    tried = [one for one in trials.values if one.recipe == LOCAL_RIDGE]
    if not tried or "ridge" in settings.model_fields_set:
        return
    best = max(tried, key=trials.mean)
    if trials.mean(best) < _NEAR * trials.mean(trials.best()):
        return
    for ridges in (_MORE_CAREFUL, _LESS_CAREFUL):
        for ridge in ridges:
            following = replace(best, ridge=ridge)
            trials.try_all([following])
            if trials.mean(following) <= trials.mean(best):
                break
            best = following
        if best.ridge != tried[0].ridge:
            return
