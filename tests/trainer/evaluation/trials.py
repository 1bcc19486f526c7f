"""Trials of recipes on shops in readable input, and what they measure held against brute force."""

from typing import Any, Final

import pytest

from tests.trainer.evaluation.brute_force import METRICS, Asked
from tests.trainer.evaluation.shops import some_settings
from trainer.champion import Champion
from trainer.evaluation.evaluation import Evaluation, Side
from trainer.evaluation.trial import Trial, try_recipe
from trainer.events import Events
from trainer.model_trainer import ModelTrainer

K: Final = 5


def tried(
    events: Events,
    champion: Champion | None = None,
    trainer: type[ModelTrainer] = ModelTrainer,
    **settings: Any,  # noqa: ANN401 (fields of TrainerSettings)
) -> Trial:
    chosen = some_settings(**({"evaluation_k": K, "holdout_days": 10} | settings))
    found = try_recipe(trainer(chosen), events, champion)
    assert isinstance(found, Trial), found.why
    return found


def assert_as_by_hand(evaluation: Evaluation, asked: Asked, n_products: int) -> None:
    assert evaluation.n_users == len(asked.truth) > 20
    sides: dict[str, Side | None] = {
        "candidate": evaluation.candidate,
        "popularity": evaluation.popularity,
        "champion": evaluation.champion,
    }
    for name, side in sides.items():
        if side is None:
            assert name not in asked.shown
            continue
        for metric in METRICS:
            assert getattr(side.metrics, metric).mean == pytest.approx(asked.mean(name, metric, K), abs=1e-12), name
    assert evaluation.candidate.coverage == pytest.approx(asked.coverage("candidate", n_products))
