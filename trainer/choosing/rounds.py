"""The plan of a comparison: one thing at a time, the best so far carried on.

1. recipes of pairs, each with each way to count repeats, 2. local ridge, on the best of these signals and on the
plainest, 3. what events of other kinds weigh, 4. whether kinds are apart or lead to purchases, 5. whether events fade,
6. where local ridge is near the best, how careful it is to be. What the shop has set itself stays.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from trainer.choosing.question import Question
from trainer.choosing.trials import Trials
from trainer.choosing.variant import Variant
from trainer.choosing.work import ridge_seconds
from trainer.model_trainer import ModelTrainer
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
_FEWEST_KINDS: Final = 2
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
    trials.try_all(list(dict.fromkeys(_by_kind(trials, settings))))
    if trials.best().kinds != first.kinds:
        trials.try_all([replace(trials.best(), kinds=first.kinds)])
    trials.try_all(list(_other_half_lives(trials.best(), trials.question, settings)))
    _tune_ridge(trials, settings)


def _open(settings: TrainerSettings, name: str, values: tuple[Repeats, ...]) -> tuple[Repeats, ...]:
    """Give the values of a setting that are to be tried: none where the shop has set it."""
    return () if name in settings.model_fields_set else values


def _other_weights(best: Variant, question: Question, settings: TrainerSettings) -> Iterator[Variant]:
    if best.repeats == "binary":
        return
    for kind in _open_kinds(question, settings):
        yield from (best.with_weight(kind, weight) for weight in _WEIGHTS)


def _open_kinds(question: Question, settings: TrainerSettings) -> list[str]:
    """Give the kinds whose weights are to be tried."""
    return [kind for kind in _frequent(question) if kind != REQUIRED_KIND and not settings.sets_weight_of(kind)]


def _frequent(question: Question) -> list[str]:
    counts, n_events = question.events.counts, len(question.events)
    return [kind for kind, count in counts.items() if count > _LEAST_SHARE * n_events]


def _by_kind(trials: Trials, settings: TrainerSettings) -> Iterator[Variant]:
    """Give what is tried of kinds that are not together: as they weigh in the best so far, and with other weights.

    Weights do little where each pair counts once, so that another way to count is taken where one was tried.
    """
    if "kinds" in settings.model_fields_set or len(_frequent(trials.question)) < _FEWEST_KINDS:
        return
    best = max(trials.values, key=lambda one: (one.recipe in _PAIR_RECIPES, one.repeats != "binary", trials.mean(one)))
    little, much = (_all_weighing(best, weight, trials.question, settings) for weight in _WEIGHTS)
    for weighed in (best, little):
        yield from (replace(weighed, recipe=recipe, kinds="apart") for recipe in _PAIR_RECIPES)
    if type(trials.trainer).train is not ModelTrainer.train:  # which may know products only, and no (kind, product)
        return
    for weighed in (best, little, much):
        yield from (replace(weighed, recipe=recipe, kinds="paths") for recipe in _PAIR_RECIPES)
    if trials.best().recipe == LOCAL_RIDGE and _affords_paths(trials.question, settings):
        yield replace(trials.best(), kinds="paths")


def _all_weighing(variant: Variant, weight: float, question: Question, settings: TrainerSettings) -> Variant:
    for kind in _open_kinds(question, settings):
        variant = variant.with_weight(kind, weight)
    return variant


def _affords_paths(question: Question, settings: TrainerSettings) -> bool:
    """Whether there is time for local ridge once more; its pass is over no more than the events, as it was counted."""
    return 2 * ridge_seconds(question, settings) <= settings.recipe_budget_seconds


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
