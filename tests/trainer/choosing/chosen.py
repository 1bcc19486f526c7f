"""Choosing on a shop, and what was tried."""

from typing import Any

from tests.trainer.evaluation.shops import some_settings
from trainer.choosing.choose import Chosen, choose
from trainer.choosing.variant import Variant
from trainer.events import Events
from trainer.model_trainer import ModelTrainer


def chosen_for(events: Events, **settings: Any) -> Chosen:  # noqa: ANN401 (fields of TrainerSettings)
    return choose(ModelTrainer(some_settings(**settings)), events)


def variants(chosen: Chosen) -> set[tuple[str, str]]:
    return {(one.recipe, one.repeats) for one in rounds(chosen)}


def is_ridge(variant: Variant) -> bool:
    return variant.recipe == "local_ridge"


def rounds(chosen: Chosen) -> list[Variant]:
    assert chosen.choice
    return list(chosen.choice.rounds)
