"""Trying a recipe: the model that it makes of the events before the cut, next to the champion and to popularity."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.model import Model
from model.ranking import cells_of
from trainer.buy_again import buy_again_only
from trainer.champion import Champion
from trainer.evaluation.cut import Cut, CutBy, cuts
from trainer.evaluation.evaluation import Evaluation, Known, ServedSides, evaluate
from trainer.evaluation.holdout import Holdout, NoHoldout, hold_out
from trainer.evaluation.lists import Served, candidate_lists, champion_lists, popularity_lists
from trainer.evaluation.rival import Rival, model_until, rival_of
from trainer.evaluation.settings import EvaluationSettings
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial:
    """How a recipe did; for the model card, the popularity of each product of the events and how often it was listed.

    `popularity` float32 and `recommended` int64 are (n_products,).
    """

    evaluation: Evaluation
    popularity: NDArray[np.float32]
    recommended: NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """What the sides are asked about: the users of a holdout, and what each took up that is new to all sides."""

    holdout: Holdout
    truth: Truth


@dataclass(frozen=True)
class Sides:
    """The models to compare: the recipe's, of the events before the cut, and those to beat.

    `buy_again` is None where lists are of new products only.
    """

    candidate: Model
    rival: Rival
    buy_again: Model | None


def try_recipe(trainer: ModelTrainer, events: Events, champion: Champion | None) -> Trial | NoHoldout:
    """Hold out the newest events, make the model of the others, and see what each side would have recommended."""
    question = find_question(events, champion, trainer.settings)
    if isinstance(question, NoHoldout):
        log.info("Not evaluated: %s", question.why)
        return question
    trial = judge(question, make_sides(trainer, events, champion, question.holdout.cut), events, trainer.settings)
    _tell(trial.evaluation)
    return trial


def find_question(events: Events, champion: Champion | None, settings: EvaluationSettings) -> Question | NoHoldout:
    """Hold out the events behind the first cut that leaves enough users."""
    for cut in cuts(events, champion, settings):
        holdout = hold_out(events, cut, settings)
        truth = _truth(holdout, champion, events, settings)
        if len(truth.users) >= settings.holdout_min_users:
            return Question(holdout, truth)
    return NoHoldout(_too_few(holdout, truth, settings))


def make_sides(trainer: ModelTrainer, events: Events, champion: Champion | None, cut: Cut) -> Sides:
    """Make the models that have seen nothing behind the cut."""
    candidate, settings = model_until(trainer, events, cut), trainer.settings
    rival = rival_of(trainer, events, cut, champion, candidate)
    if settings.exclude_seen:
        return Sides(candidate, rival, None)
    return Sides(candidate, rival, buy_again_only(candidate, events, cut.seconds, settings.threads))


def judge(question: Question, sides: Sides, events: Events, settings: TrainerSettings) -> Trial:
    """See what each side recommends to the users in question, and score it."""
    asking = Asking(settings.evaluation_k, settings.threads)
    served = _served(sides, events, question.truth, asking)
    evaluation = evaluate(question.holdout, question.truth, _known(sides.candidate, question), served, sides.rival.note)
    return Trial(evaluation, sides.candidate.popularity, served.candidate.recommended)


def _known(model: Model, question: Question) -> Known:
    histories = model.histories.of_users(question.truth.users)
    return Known(np.diff(histories.indptr), cells_of(histories, len(model.products)), model.popularity)


def _truth(holdout: Holdout, champion: Champion | None, events: Events, settings: EvaluationSettings) -> Truth:
    """Count what is new to both sides, or all where lists may hold what users had."""
    truth = Truth.of(holdout, len(events.products))
    if holdout.cut.by is CutBy.WINDOW or champion is None or not settings.exclude_seen:
        return truth
    return truth.new_to(champion.model, events.users, events.products)


def _too_few(holdout: Holdout, truth: Truth, settings: EvaluationSettings) -> str:
    choice = f"with a choice of {2 * settings.evaluation_k} products or more"
    new = " new" if settings.exclude_seen else ""
    since = f"{holdout.cut.time:%Y-%m-%d %H:%M} UTC"
    return (
        f"only {len(truth.users)} users {choice} took up something{new} since {since}, and HOLDOUT_MIN_USERS asks for "
        f"{settings.holdout_min_users}"
    )


def _served(sides: Sides, events: Events, truth: Truth, asking: Asking) -> ServedSides:
    candidate, rival, users = sides.candidate, sides.rival.model, truth.users
    own = candidate_lists(candidate, users, asking)
    theirs: Served | None = own
    if rival is None:
        theirs = None
    elif rival is not candidate:
        theirs = champion_lists(rival, events.users, events.products, users, asking)
    again = None if sides.buy_again is None else candidate_lists(sides.buy_again, users, asking)
    return ServedSides(own, popularity_lists(candidate, users, asking.k), theirs, again)


def _tell(evaluation: Evaluation) -> None:
    champion, again = evaluation.champion, evaluation.buy_again
    log.info(
        "Evaluated on what %s users took up since %s: ndcg@%d %.4f, champion %s, popularity %.4f%s",
        f"{evaluation.n_users:,}",
        f"{evaluation.cut:%Y-%m-%d %H:%M} UTC",
        evaluation.k,
        evaluation.candidate.metrics.ndcg.mean,
        f"{champion.metrics.ndcg.mean:.4f}" if champion else f"none ({evaluation.champion_note})",
        evaluation.popularity.metrics.ndcg.mean,
        f", buy again {again.metrics.ndcg.mean:.4f}" if again else "",
        extra={"holdout": evaluation.as_json()},
    )
