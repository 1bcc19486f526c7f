"""From events to a candidate: how its recipe does, the model itself, and what the gate says of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from model.catalogue import Catalogue
from model.model import Model
from registry.history import Run
from registry.usual import usual_of
from trainer.building import kinds_of, matrix_of, model_of
from trainer.champion import Champion
from trainer.erased_users import LeftOut
from trainer.evaluation.holdout import NoHoldout
from trainer.event_figures import EventFigures
from trainer.events import Events
from trainer.gate.case import Case
from trainer.gate.gate import GateReport, judge
from trainer.gate.gate_log import tell
from trainer.memory import return_memory_now
from trainer.model_trainer import ModelTrainer
from trainer.news import News, news_since
from trainer.settings import TrainerSettings
from trainer.similarity.recipe_names import AUTO
from trainer.step_clock import StepClock
from trainer.validation import validate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.choosing.choice import Choice
    from trainer.companions import CompanionLists
    from trainer.evaluation.trial import Trial

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A model, the events that it rests on, and what the gate says of it.

    `settings` name the recipe and all that it was made by; `choice` is how that was chosen, None where it was not.
    `left_out` is who is not in it; `news` is what came since the model in service was made.
    """

    settings: TrainerSettings
    choice: "Choice | None"
    model: Model
    data: EventFigures
    trial: "Trial | NoHoldout"
    report: GateReport
    left_out: LeftOut
    news: News


@dataclass(frozen=True)
class Background:
    """What a candidate is compared with: the model in service, where there is one, and the runs so far.

    `left_out` is who may be in the model in service, and is in no event any more.
    """

    champion: Champion | None
    history: Sequence[Run]
    now: datetime
    left_out: LeftOut = field(default_factory=LeftOut)


def make_candidate(
    trainer: ModelTrainer,
    extracted: list[Events],
    against: Background,
    clock: StepClock,
    catalogue: Catalogue | None = None,
) -> Candidate:
    """Choose a recipe where the settings leave it open, evaluate it, build the model of all events, and judge it.

    The events are taken out of the list: they are the largest thing in memory, and go as soon as they are not needed.
    The catalogue, which is of their products, goes into the model; neither evaluation nor gate looks at it.
    Raises BadDataError where the model is not sound.
    """
    trainer, events, choice = _chosen(trainer, extracted.pop(), clock)
    data = EventFigures.of(events)
    with clock.step("evaluate"):
        trial = _tried(trainer, events, against)
        news = news_since(_compared_with(trainer, against), events)
    with clock.step("companions"):
        companions = _companions(trainer, events)
    with clock.step("matrix"):
        products, users, user_items = events.products, events.users, matrix_of(events, trainer.settings)
        affinity, kinds = _affinity(trainer, events), kinds_of(events, trainer.settings)
        del events
        return_memory_now()
    with clock.step("build"):
        model = model_of(trainer, products, users, user_items, affinity, kinds)
        model = _with_borrowed(replace(model, **vars(companions), catalogue=catalogue), trainer.settings)
        del user_items, affinity, kinds
    with clock.step("validate"):
        _validate(model, trainer.settings)
    with clock.step("gate"):
        report = judge(_case(model, data, trial, against, trainer.settings), trainer.settings.gate)
        tell(report)
    return Candidate(trainer.settings, choice, model, data, trial, report, against.left_out, news)


def _companions(trainer: ModelTrainer, events: Events) -> "CompanionLists":
    from trainer.companions import companion_lists  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    lists = companion_lists(trainer, events)
    return_memory_now()
    return lists


def _with_borrowed(model: Model, settings: TrainerSettings) -> Model:
    from trainer.borrowing import tell_of, with_borrowed  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    completed = with_borrowed(model, settings.min_co_occurrence, settings.threads)
    tell_of(completed)
    return completed


def _affinity(trainer: ModelTrainer, events: Events) -> "NDArray[np.float32] | None":
    from trainer.buy_again import affinity_of  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    return affinity_of(events, trainer.settings)


def _chosen(trainer: ModelTrainer, events: Events, clock: StepClock) -> "tuple[ModelTrainer, Events, Choice | None]":
    if trainer.settings.recipe != AUTO:
        return trainer, events, None
    from trainer.choosing.choose import choose  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    with clock.step("choose"):
        chosen = choose(trainer, events)
        return_memory_now()
    return chosen.trainer, chosen.events, chosen.choice


def _validate(model: Model, settings: TrainerSettings) -> None:
    log.info("Validating model...")
    for warning in validate(model, settings):
        log.warning(warning)
    log.info("Model validation passed")


def _tried(trainer: ModelTrainer, events: Events, against: Background) -> "Trial | NoHoldout":
    from trainer.evaluation.trial import try_recipe  # noqa: PLC0415 (Numba and SciPy take 0.4 s to import)

    trial = try_recipe(trainer, events, _compared_with(trainer, against))
    return_memory_now()
    return trial


def _compared_with(trainer: ModelTrainer, against: Background) -> Champion | None:
    """Give the model in service, but to a backfill, whose events it knows and later ones."""
    return None if trainer.settings.as_of else against.champion


def _case(
    model: Model, data: EventFigures, trial: "Trial | NoHoldout", against: Background, settings: TrainerSettings
) -> Case:
    """Put before the gate what it looks at; a backfill is compared with nothing, since all there is came later."""
    is_backfill = settings.as_of is not None
    return Case(
        model=model,
        data=data,
        recipe=settings.recipe,
        settings=settings.model_settings(),
        evaluation=None if isinstance(trial, NoHoldout) else trial.evaluation,
        why_not=trial.why if isinstance(trial, NoHoldout) else "",
        champion=None if is_backfill else against.champion,
        usual=usual_of([] if is_backfill else against.history),
        at=settings.as_of or against.now,
        minimums=settings,
        is_backfill=is_backfill,
        erased=against.left_out.erased,
    )
