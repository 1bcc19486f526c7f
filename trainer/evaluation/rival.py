"""The champion's side of a trial: as it is served, or its recipe on the events before the cut."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.model import Model
from registry.manifest import Manifest
from runtime.errors import BadSettingsError
from trainer.building import assembled
from trainer.buy_again import affinity_of, with_again
from trainer.champion import Champion
from trainer.evaluation.cut import Cut, CutBy
from trainer.events import Events
from trainer.kinds import by_kind, neighbours_of
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings
from trainer.signal import user_items_of
from trainer.similarity.named import recipe_named

# What manifests of versions before these settings do not tell, as it was then.
_BEFORE_THEY_WERE_TOLD: Final = {
    "ridge": 10.0,
    "ridge_nearest": 200,
    "kinds": "together",
    "quantity": "ignore",
    "repeats": "sum",
    "half_life_days": None,
    "window_days": None,
    "companions": 0,
    "exclude_seen": True,
    "buy_again_strength": 1.0,
    "buy_again_half_life_days": None,
}


@dataclass(frozen=True)
class Rival:
    """The model to beat: the champion as it is served, or rebuilt; None where `note` says why there is none."""

    model: Model | None
    note: str


def model_until(trainer: ModelTrainer, events: Events, cut: Cut) -> Model:
    """Make the model of the events up to the cut, with the users and products of all of them."""
    settings = trainer.settings
    user_items = user_items_of(events, settings, until=cut.seconds, threads=settings.threads)
    neighbours = neighbours_of(trainer, user_items, by_kind(events, settings, cut.seconds))
    model = assembled(events.products, events.users, user_items, neighbours)
    return with_again(model, affinity_of(events, settings, cut.seconds), settings.buy_again_strength)


def rival_of(trainer: ModelTrainer, events: Events, cut: Cut, champion: Champion | None, candidate: Model) -> Rival:
    """Find the champion's side: what it serves where the cut is its own, else its recipe on the same events."""
    if champion is None:
        return Rival(None, "no model is in service")
    if cut.by is CutBy.CHAMPION:
        return Rival(champion.model, "as it is served")
    told, settings = champion.manifest, trainer.settings
    theirs = (told.recipe, _told_settings(told), told.event_weights)
    if theirs == (settings.recipe, settings.model_settings(), settings.event_weights()):
        return Rival(candidate, "made by the same recipe, which makes the same model of the events before the cut")
    obstacle = _obstacle(told, settings, events)
    if obstacle:
        return Rival(None, obstacle)
    as_theirs = trainer.under(_settings_of(told, settings))
    rebuilt = model_until(as_theirs, _weighed_as(told, settings, events), cut)
    return Rival(rebuilt, "rebuilt on the events before the cut by its own recipe")


def _obstacle(told: Manifest, settings: TrainerSettings, events: Events) -> str:
    """Say why a version cannot be made anew by this program of these events; nothing where it can."""
    return _unknown_ways(told, settings) or _unread_events(told, settings, events)


def _unknown_ways(told: Manifest, settings: TrainerSettings) -> str:
    if told.settings.get("trainer_class") != settings.trainer_class:
        return f"it was made by {told.settings.get('trainer_class')}, which is not the class of this run"
    try:
        recipe_named(told.recipe)
    except BadSettingsError:
        return f"it was made by the recipe {told.recipe}, which this program does not know"
    if not _told_settings(told).keys() >= settings.model_settings().keys():
        return "its manifest does not tell all settings that it was made by"
    return ""


def _unread_events(told: Manifest, settings: TrainerSettings, events: Events) -> str:
    quantity = _told_settings(told)["quantity"]
    if quantity != settings.quantity:
        return f"it was made with QUANTITY={quantity}, and events are read with QUANTITY={settings.quantity} now"
    unread = sorted(kind for kind, weight in told.event_weights.items() if weight > 0 and kind not in events.kinds)
    if unread:
        return f"it was made of {unread[0]} events too, which are not read any more"
    if not any(told.event_weights.values()):
        return "its manifest does not tell what its events weighed"
    return ""


def _told_settings(told: Manifest) -> dict[str, object]:
    return {**_BEFORE_THEY_WERE_TOLD, **told.settings}


def _settings_of(told: Manifest, settings: TrainerSettings) -> TrainerSettings:
    known = _told_settings(told)
    changed = {name: known[name] for name in settings.model_settings()}
    weights = {kind: told.event_weights.get(kind, 0.0) for kind in settings.event_weights()}
    return settings.with_event_weights(weights).model_copy(update={**changed, "recipe": told.recipe})


def _weighed_as(told: Manifest, settings: TrainerSettings, events: Events) -> Events:
    """Give the events of the kinds that a version was made of, with the weights that it gave them."""
    ours = settings.event_weights()
    ratios = np.array([told.event_weights.get(kind, 0.0) / ours[kind] for kind in events.kinds], np.float32)
    weighed = events.weighed_by_kind(ratios)
    if ratios.all():
        return weighed
    return weighed.where(events.each(lambda block: ratios[events.kind[block]] > 0))
