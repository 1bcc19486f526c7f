"""Parts of the users and of the products, and how each side does in them."""

import numpy as np
import pytest

from tests.trainer.evaluation.shops import a_champion, a_shop, model_until, some_settings
from trainer.evaluation.bands import by_activity, by_novelty, by_popularity
from trainer.evaluation.trial import Trial, try_recipe
from trainer.evaluation.truth import Truth
from trainer.model_trainer import ModelTrainer


def test_users_are_cut_by_how_many_products_they_had() -> None:
    values = {"candidate": np.arange(6.0), "popularity": np.zeros(6)}
    bands = by_activity(np.array([1, 4, 5, 19, 100, 2_000]), values)
    assert [(band.name, band.n, band.candidate) for band in bands] == [
        ("1 to 4 products", 2, 0.5),
        ("5 to 19 products", 2, 2.5),
        ("100 products and more", 2, 4.5),
    ]
    assert {band.champion for band in bands} == {None}


def test_products_are_cut_into_thirds_of_the_events() -> None:
    """Product 0 has half of all events, 1 a quarter; of the rest each has a little."""
    popularity = np.array([50, 25, 5, 5, 5, 5, 5], np.float32)
    truth = Truth(np.array([0, 1], np.int32), np.array([0, 1, 7 + 0, 7 + 6]), np.array([2, 2]), 7)
    lists = {"candidate": np.array([[0, 6], [6, 5]], np.int32), "popularity": np.array([[0, 1], [0, 1]], np.int32)}
    bands = by_popularity(popularity, truth, lists)
    told = [(band.name, band.n, band.candidate, band.popularity) for band in bands]
    assert told == [("most popular", 2, 0.5, 1.0), ("in between", 1, 0.0, 1.0), ("least popular", 1, 1.0, 0.0)]


def test_what_users_had_before_is_told_apart_from_what_is_new_to_them() -> None:
    """User 0 had product 0 and took up 0 and 1; user 1 took up product 6, which was new."""
    truth = Truth(np.array([0, 1], np.int32), np.array([0, 1, 7 + 6]), np.array([2, 1]), 7)
    lists = {"candidate": np.array([[0, 5], [6, 0]], np.int32), "popularity": np.array([[1, 5], [1, 0]], np.int32)}
    bands = by_novelty(np.array([0, 4, 7 + 2]), truth, lists)
    told = [(band.name, band.n, band.candidate, band.popularity) for band in bands]
    assert told == [("products they had before", 1, 1.0, 0.0), ("products new to them", 2, 0.5, 0.5)]


def test_a_trial_tells_of_bands_and_they_make_up_the_whole() -> None:
    events = a_shop()
    champion = a_champion(model_until(events, 30), until=30)
    trial = try_recipe(ModelTrainer(some_settings(holdout_days=10)), events, champion)
    assert isinstance(trial, Trial)
    evaluation = trial.evaluation
    bands = evaluation.bands.activity
    assert sum(band.n for band in bands) == evaluation.n_users
    whole = sum(band.n * band.candidate for band in bands) / evaluation.n_users
    assert whole == pytest.approx(evaluation.candidate.metrics.ndcg.mean)
    assert all(band.champion is not None for band in bands)
    told = evaluation.as_json()["bands"]
    assert [band["n"] for band in told["activity"]] == [band.n for band in bands]
    assert {"name", "n", "candidate", "popularity", "champion", "buy_again"} == told["popularity"][0].keys()
