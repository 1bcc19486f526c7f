"""Trying a recipe: the model that it makes of the events before the cut, next to the champion and to popularity."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from model.model import Model
from trainer.building import assembled
from trainer.champion import Champion
from trainer.evaluation.evaluation import Evaluation, ServedSides, evaluate
from trainer.evaluation.holdout import CutBy, Holdout, NoHoldout, hold_out
from trainer.evaluation.lists import Served, candidate_lists, champion_lists, popularity_lists
from trainer.evaluation.settings import EvaluationSettings
from trainer.evaluation.truth import Truth
from trainer.events import Events
from trainer.matrix import build_user_items
from trainer.model_trainer import ModelTrainer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial:
    """How a recipe did; for the model card, the popularity of each product of the events and how often it was listed.

    `popularity` float32 and `recommended` int64 are (n_products,).
    """

    evaluation: Evaluation
    popularity: NDArray[np.float32]
    recommended: NDArray[np.int64]


def try_recipe(trainer: ModelTrainer, events: Events, champion: Champion | None) -> Trial | NoHoldout:
    """Hold out the newest events, make the model of the others, and see what each side would have recommended."""
    settings = trainer.settings
    holdout = hold_out(events, champion.manifest.data_until if champion else None, settings)
    if isinstance(holdout, NoHoldout):
        return _told(holdout)
    candidate = _model_until(trainer, events, holdout.cut)
    rival = rival_of(trainer, events, holdout, champion, candidate)
    truth = _truth(holdout, candidate, rival.model, events, settings.evaluation_k)
    if len(truth.users) < settings.holdout_min_users:
        return _told(NoHoldout(_too_few(holdout, truth, settings)))
    served = _served(candidate, rival.model, events, truth, settings.evaluation_k)
    evaluation = evaluate(holdout, truth, served, rival.note)
    _tell(evaluation)
    return Trial(evaluation, candidate.popularity, served.candidate.recommended)


@dataclass(frozen=True)
class Rival:
    """The model to beat: the champion as it is served, or rebuilt; None where `note` says why there is none."""

    model: Model | None
    note: str


def rival_of(
    trainer: ModelTrainer, events: Events, holdout: Holdout, champion: Champion | None, candidate: Model
) -> Rival:
    """Find the champion's side: what it serves where the cut is its own, else its recipe on the same events."""
    if champion is None:
        return Rival(None, "no model is in service")
    if holdout.cut_by is CutBy.CHAMPION:
        return Rival(champion.model, "as it is served")
    told, settings = champion.manifest, trainer.settings
    theirs = (told.recipe, told.settings, told.event_weights)
    if theirs == (settings.recipe, settings.model_settings(), settings.event_weights()):
        return Rival(candidate, "made by the same recipe, which makes the same model of the events before the cut")
    if told.settings.get("trainer_class") != settings.trainer_class:
        return Rival(None, f"it was made by {told.settings.get('trainer_class')}, which is not the class of this run")
    if {kind for kind, weight in told.event_weights.items() if weight > 0} != set(events.kinds):
        return Rival(None, "it was made of other kinds of events")
    return Rival(_rebuilt(trainer, events, holdout, champion), "rebuilt on the events before the cut by its own recipe")


def _rebuilt(trainer: ModelTrainer, events: Events, holdout: Holdout, champion: Champion) -> Model:
    told, ours = champion.manifest, trainer.settings.event_weights()
    changed = {name: told.settings[name] for name in ("min_co_occurrence", "neighbours")}
    settings = trainer.settings.model_copy(update={**changed, "recipe": told.recipe})
    ratios = np.array([told.event_weights[kind] / ours[kind] for kind in events.kinds], np.float32)
    return _model_until(type(trainer)(settings), events.with_weight(events.weight * ratios[events.kind]), holdout.cut)


def _model_until(trainer: ModelTrainer, events: Events, cut: int) -> Model:
    """Make the model of the events up to the cut, with the users and products of all of them."""
    user_items = build_user_items(events, until=cut)
    return assembled(events.products, events.users, user_items, trainer.neighbours(user_items))


def _truth(holdout: Holdout, candidate: Model, rival: Model | None, events: Events, k: int) -> Truth:
    """Count what is new to both sides, for users who have a choice left."""
    n_products = len(events.products)
    truth = Truth.of(holdout, n_products).of_users(_have_a_choice(candidate, holdout.users, k))
    if holdout.cut_by is CutBy.WINDOW or rival is None:
        return truth
    return truth.new_to(rival, events.users, events.products)


def _have_a_choice(model: Model, users: NDArray[np.int32], k: int) -> NDArray[np.bool_]:
    """Tell which users do not know at least 2k products: of fewer, any list of k has more than half."""
    known = np.diff(model.histories.indptr)[users]
    return np.asarray(len(model.products) - known >= 2 * k)


def _too_few(holdout: Holdout, truth: Truth, settings: EvaluationSettings) -> str:
    choice = f"with a choice of {2 * settings.evaluation_k} products or more"
    since = f"{datetime.fromtimestamp(holdout.cut, UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"only {len(truth.users)} users {choice} took up something new since {since}, and HOLDOUT_MIN_USERS asks for "
        f"{settings.holdout_min_users}"
    )


def _served(candidate: Model, rival: Model | None, events: Events, truth: Truth, k: int) -> ServedSides:
    own = candidate_lists(candidate, truth.users, k)
    theirs: Served | None = own
    if rival is None:
        theirs = None
    elif rival is not candidate:
        theirs = champion_lists(rival, events.users, events.products, truth.users, k)
    return ServedSides(own, popularity_lists(candidate, truth.users, k), theirs)


def _told(no_holdout: NoHoldout) -> NoHoldout:
    log.info("Not evaluated: %s", no_holdout.why)
    return no_holdout


def _tell(evaluation: Evaluation) -> None:
    champion = evaluation.champion
    log.info(
        "Evaluated on what %s users took up since %s: ndcg@%d %.4f, champion %s, popularity %.4f",
        f"{evaluation.n_users:,}",
        f"{evaluation.cut:%Y-%m-%d %H:%M} UTC",
        evaluation.k,
        evaluation.candidate.metrics.ndcg.mean,
        f"{champion.metrics.ndcg.mean:.4f}" if champion else f"none ({evaluation.champion_note})",
        evaluation.popularity.metrics.ndcg.mean,
        extra={"holdout": evaluation.as_json()},
    )
