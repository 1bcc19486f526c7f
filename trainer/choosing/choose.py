"""Choosing a variant on the shop's own data."""

import logging
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trainer.choosing.buy_again import weigh_buy_again
from trainer.choosing.chance import chances
from trainer.choosing.choice import Choice, choice_of
from trainer.choosing.question import Question, find_question
from trainer.choosing.rounds import LOCAL_RIDGE, run_rounds
from trainer.choosing.trials import Trials
from trainer.choosing.variant import Variant
from trainer.evaluation.bootstrap import intervals
from trainer.events import Events
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)

_SAMPLED_EVENTS: Final = 5_000_000
# Half as many neighbours in a system: half of the time, all told, on the Complete Journey.
_QUICK_NEAREST: Final = 100
# Of MIN_CO_OCCURRENCE, half as many and twice as many are tried; a gain of this share is worth a word.
_OTHER_CO_OCCURRENCE: Final = (0.5, 2.0)
_CLEAR_GAIN: Final = 0.02


@dataclass(frozen=True)
class Chosen:
    """A trainer whose settings name the variant that was chosen, the events with its weights, and how it was chosen.

    `choice` is None where there was nothing to compare on.
    """

    trainer: ModelTrainer
    events: Events
    choice: Choice | None


def choose(trainer: ModelTrainer, events: Events) -> Chosen:
    """Compare variants quickly, on a sample of the users where there are many, and the best of them in full."""
    question = find_question(events, _of_new_products(trainer.settings))
    if question is None:
        log.info("No recipe was chosen by evidence: too few users did something new. RECIPE=cosine is taken")
        return _with(trainer, events, Variant.configured(trainer.settings), None)
    rounds = _rounds(trainer, question)
    trials = _finals(trainer, question, rounds)
    choice = choice_of(trials, rounds, _notes(trials))
    _tell(choice)
    chosen = _with(trainer, events, choice.chosen, choice)
    return chosen if trainer.settings.exclude_seen else _with_buy_again(chosen, choice)


def _of_new_products(settings: TrainerSettings) -> TrainerSettings:
    """Recipes are compared on what is new to users, whatever lists may hold: the rest they do not differ in."""
    return settings.model_copy(update={"exclude_seen": True})


def _with_buy_again(chosen: Chosen, choice: Choice) -> Chosen:
    weighed = weigh_buy_again(chosen.trainer, chosen.events)
    if weighed is None:
        return chosen
    trainer = chosen.trainer.under(weighed.chosen.settings(chosen.trainer.settings))
    return Chosen(trainer, chosen.events, replace(choice, buy_again=weighed))


def _rounds(trainer: ModelTrainer, question: Question) -> Trials:
    sample = _sample(question.events)
    asked = question if sample is question.events else _of_sample(question, sample, trainer.settings)
    rounds = Trials(_quick(trainer, len(sample) / len(question.events)), asked)
    run_rounds(rounds, trainer.settings)
    return rounds


def _finals(trainer: ModelTrainer, question: Question, rounds: Trials) -> Trials:
    finals = Trials(trainer, question)
    if rounds.question is question:
        finals.take_over(rounds, [one for one in rounds.values if one.recipe != LOCAL_RIDGE])
    finals.try_all(_finalists(rounds, trainer.settings))
    return finals


def _sample(events: Events) -> Events:
    """Give all events of some users, drawn by chance, so that there are about as many as a round can take."""
    share = _SAMPLED_EVENTS / len(events)
    if share >= 1:
        return events
    is_drawn = chances(np.arange(len(events.users))) < share
    return events.where(events.each(lambda block: is_drawn[events.user_idx[block]]))


def _of_sample(question: Question, sample: Events, settings: TrainerSettings) -> Question:
    found = find_question(sample, _of_new_products(settings))
    return question if found is None else found


def _quick(trainer: ModelTrainer, share: float) -> ModelTrainer:
    """Give the trainer of the rounds: of smaller systems, and in a sample products have fewer users in common."""
    settings, quick = trainer.settings, {"ridge_nearest": _QUICK_NEAREST}
    if share < 1:
        quick["min_co_occurrence"] = max(2, round(share * settings.min_co_occurrence))
    return trainer.under(settings.model_copy(update=quick))


def _finalists(rounds: Trials, settings: TrainerSettings) -> list[Variant]:
    """Give the best of each class of recipes, and what is configured."""
    by_class = {one.recipe == LOCAL_RIDGE: one for one in sorted(rounds.values, key=rounds.mean)}
    return list(dict.fromkeys([Variant.configured(settings), *(by_class[key] for key in sorted(by_class))]))


def _notes(trials: Trials) -> list[str]:
    """Say what the shop should know: that nothing helps, or that another MIN_CO_OCCURRENCE would do clearly better.

    The latter is tried with the best recipe of pairs.
    """
    pairs = [one for one in trials.values if one.recipe != LOCAL_RIDGE]
    best, least = max(pairs, key=trials.mean), trials.trainer.settings.min_co_occurrence
    notes = _below_popularity(trials)
    for factor in _OTHER_CO_OCCURRENCE:
        other = max(1, int(factor * least))
        values = trials.with_co_occurrence(best, other)
        gain = intervals((values - trials.values[best])[:, None])[0]
        if gain.low > 0 and gain.mean > _CLEAR_GAIN * trials.mean(best):
            mean, low, high = (f"{part / trials.mean(best):.1%}" for part in (gain.mean, gain.low, gain.high))
            better = f"MIN_CO_OCCURRENCE={other} would do better than {least}"
            notes.append(f"{better}: by {mean} of ndcg ({low} to {high}), with {best.recipe}")
    return notes


def _below_popularity(trials: Trials) -> list[str]:
    """Say where nothing that was tried does better than the most popular products."""
    best = trials.mean(trials.best())
    popular = 0.0 if trials.popularity is None else float(trials.popularity.mean())
    return (
        [f"No recipe does better than popular products: ndcg {best:.4f} against {popular:.4f}"]
        if best < popular
        else []
    )


def _tell(choice: Choice) -> None:
    chosen = choice.chosen
    told = [f"repeats {chosen.repeats}"]
    if chosen.half_life_days is not None:
        told.append(f"half-life {chosen.half_life_days:g} days")
    if chosen.recipe == LOCAL_RIDGE:
        told.append(f"ridge {chosen.ridge:g}")
    if chosen.kinds != "together":
        told.append(f"kinds {chosen.kinds}")
    told += [f"{kind} {weight:g}, configured {was:g}" for kind, (weight, was) in choice.changed_weights().items()]
    log.info(
        "Recipe chosen out of %d on what %s users took up: %s (%s), ndcg@%d %.4f; popularity %.4f",
        len(choice.rounds),
        f"{choice.n_users:,}",
        chosen.recipe,
        ", ".join(told),
        choice.k,
        next(one.ndcg for one in choice.tried if one.variant == chosen),
        choice.popularity,
        extra={"choice": choice.as_json()},
    )
    for note in choice.notes:
        log.info(note)


def _with(trainer: ModelTrainer, events: Events, variant: Variant, choice: Choice | None) -> Chosen:
    weighed = variant.weighed(events, trainer.settings.event_weights())
    return Chosen(trainer.under(variant.settings(trainer.settings)), weighed, choice)
