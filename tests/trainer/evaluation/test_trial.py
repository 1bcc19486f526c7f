"""A trial of a recipe: what it measures, against whom, and that nobody knew the answers."""

import json
import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from model.neighbours import Neighbours
from tests.trainer.evaluation import brute_force
from tests.trainer.evaluation.brute_force import METRICS
from tests.trainer.evaluation.shops import (
    Row,
    a_champion,
    a_shop,
    day,
    events_of,
    model_until,
    some_settings,
    with_text_ids,
)
from tests.trainer.evaluation.trials import K, assert_as_by_hand, tried
from trainer.evaluation.cut import CutBy
from trainer.evaluation.evaluation import Metrics
from trainer.evaluation.holdout import NoHoldout
from trainer.evaluation.trial import try_recipe
from trainer.model_trainer import ModelTrainer


def is_nothing(difference: Metrics | None) -> bool:
    assert difference is not None
    return all(getattr(difference, metric) == type(difference.ndcg)(0.0, 0.0, 0.0) for metric in METRICS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_champion_as_it_is_served_is_compared_as_brute_force_does(seed: int) -> None:
    events = a_shop(seed)
    served = with_text_ids(model_until(events, 30, some_settings(min_co_occurrence=4, neighbours=3)))
    evaluation = tried(events, a_champion(served, until=30)).evaluation
    asked = brute_force.ask(events, 30, K, model_until(events, 30), served)
    assert_as_by_hand(evaluation, asked, len(events.products))
    assert (evaluation.cut, evaluation.cut_by, evaluation.champion_note) == (day(30), CutBy.CHAMPION, "as it is served")
    assert evaluation.against_champion
    expected = asked.mean("candidate", "ndcg", K) - asked.mean("champion", "ndcg", K)
    assert evaluation.against_champion.ndcg.mean == pytest.approx(expected, abs=1e-12)
    assert evaluation.against_popularity.ndcg.mean > 0


@pytest.mark.parametrize(
    ("theirs", "kinds"),
    [
        ({"min_co_occurrence": 6, "neighbours": 4}, {"purchase", "view"}),
        ({"view_weight": 1.0}, {"purchase", "view"}),
        ({"view_weight": 0.0}, {"purchase"}),
        ({"view_weight": 0.9, "kinds": "apart"}, {"purchase", "view"}),
        ({"view_weight": 0.9, "kinds": "paths"}, {"purchase", "view"}),
    ],
    ids=["other settings", "other weights", "without views", "kinds apart", "paths"],
)
def test_champion_is_rebuilt_by_its_own_recipe_where_too_few_came_since(
    theirs: dict[str, Any], kinds: set[str]
) -> None:
    events, settings = a_shop(), some_settings(**theirs)
    newest = (events.occurred_at.max() - day(0).timestamp()) / 86_400
    evaluation = tried(events, a_champion(None, until=newest, made_by=settings)).evaluation
    own_weights = np.array([settings.event_weights()[kind] for kind in events.kinds], np.float32)[events.kind]
    read = np.isin(events.kind, [events.kinds.index(kind) for kind in kinds])
    rebuilt = model_until(events.with_weight(own_weights).where(read), newest - 10, settings)
    asked = brute_force.ask(events, newest - 10, K, model_until(events, newest - 10), rebuilt)
    assert_as_by_hand(evaluation, asked, len(events.products))
    assert evaluation.cut_by is CutBy.WINDOW
    assert "rebuilt" in evaluation.champion_note
    assert not is_nothing(evaluation.against_champion)


@pytest.mark.parametrize("recipe", ["cosine", "lift"])
def test_champion_without_histories_is_rebuilt_and_not_compared_as_one_that_knows_nobody(recipe: str) -> None:
    events, settings = a_shop(), some_settings(recipe=recipe)
    full = model_until(events, 30, settings)
    served, bare = (a_champion(model, until=30, made_by=settings) for model in (full, full.without_histories()))
    assert tried(events, served).evaluation.cut_by is CutBy.CHAMPION
    evaluation = tried(events, bare).evaluation
    assert evaluation.cut_by is CutBy.WINDOW
    assert ("rebuilt" if recipe == "lift" else "the same recipe") in evaluation.champion_note
    assert evaluation.champion
    assert evaluation.champion.metrics.ndcg.mean > evaluation.popularity.metrics.ndcg.mean


def test_same_recipe_on_the_same_events_differs_by_nothing_and_is_built_once() -> None:
    events, built = a_shop(), []

    class Counting(ModelTrainer):
        def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
            built.append(user_items.nnz)
            return super().train(user_items)

    evaluation = tried(events, a_champion(None, until=1000), Counting).evaluation
    assert "same recipe" in evaluation.champion_note
    assert evaluation.champion == evaluation.candidate
    assert is_nothing(evaluation.against_champion)
    assert len(built) == 1


def test_first_recipe_is_tried_against_popularity_alone() -> None:
    events = a_shop()
    evaluation = tried(events).evaluation
    assert (evaluation.champion, evaluation.against_champion) == (None, None)
    assert evaluation.champion_note == "no model is in service"
    assert evaluation.against_popularity.ndcg.low > 0, "the shop has tastes"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"settings": {"trainer_class": "my_shop:Mine"}}, "it was made by my_shop:Mine"),
        ({"settings": {}}, "it was made by None"),
        ({"recipe": "no_such_shop:RECIPE"}, "recipe no_such_shop:RECIPE, which"),
        ({"event_weights": {"purchase": 1.0, "cart": 2.0}}, "cart events"),
        ({"event_weights": {}}, "what its events weighed"),
        ({"settings": {**some_settings().model_settings(), "quantity": "log"}}, "QUANTITY=log"),
        ({"settings": {"trainer_class": "trainer:ModelTrainer", "neighbours": 5}}, "does not tell all settings"),
    ],
)
def test_champion_that_cannot_be_rebuilt_is_not_compared_with_and_it_says_why(
    told: dict[str, Any], reason: str
) -> None:
    evaluation = tried(a_shop(), a_champion(None, until=1000, **told)).evaluation
    assert (evaluation.champion, evaluation.against_champion) == (None, None)
    assert reason in evaluation.champion_note


def test_nobody_is_trained_on_what_is_held_out() -> None:
    events, seen = a_shop(), list[sp.csr_matrix]()

    class Looking(ModelTrainer):
        def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
            seen.append(user_items.copy())
            return super().train(user_items)

    newest = (events.occurred_at.max() - day(0).timestamp()) / 86_400
    tried(events, a_champion(None, until=newest, made_by=some_settings(neighbours=3)), Looking)
    early = events.occurred_at <= day(newest - 10).timestamp()
    expected = {(user, item) for user, item in zip(events.user_idx[early], events.item_idx[early], strict=True)}
    assert len(seen) == 2
    for user_items in seen:
        assert set(zip(*(axis.tolist() for axis in user_items.nonzero()), strict=True)) == expected


def test_what_the_champion_had_already_seen_is_nothing_it_could_find() -> None:
    """A late import: the champion knew of events that the shop dates after the champion's newest."""
    events = a_shop()
    knowing = model_until(events, 32)
    evaluation = tried(events, a_champion(knowing, until=30)).evaluation
    assert_as_by_hand(
        evaluation, brute_force.ask(events, 30, K, model_until(events, 30), knowing), len(events.products)
    )


def test_window_is_taken_where_the_champion_had_seen_all_that_came_since() -> None:
    events = a_shop()
    evaluation = tried(events, a_champion(model_until(events, 1000), until=30)).evaluation
    assert evaluation.cut_by is CutBy.WINDOW


def test_users_whose_past_was_lost_count_for_the_champion_that_remembers_them() -> None:
    whole = a_shop()
    lost = (whole.user_idx % 2 == 0) & (whole.occurred_at <= day(30).timestamp())
    events = whole.where(~lost)
    evaluation = tried(events, a_champion(model_until(whole, 30), until=30)).evaluation
    asked = brute_force.ask(events, 30, K, model_until(events, 30), model_until(whole, 30))
    assert_as_by_hand(evaluation, asked, len(events.products))
    assert evaluation.n_new_users == 0
    assert evaluation.against_champion
    assert evaluation.against_champion.ndcg.high < 0


class Reversed(ModelTrainer):
    """Ranks the worst neighbours first."""

    def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
        found = super().train(user_items)
        assert isinstance(found, Neighbours)
        return Neighbours(found.indptr, found.indices, (found.scores.max() * 1.001 - found.scores).astype(np.float32))


class Shifted(ModelTrainer):
    """Recommends the product next to the right one."""

    def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
        found = super().train(user_items)
        assert isinstance(found, Neighbours)
        return replace(found, indices=(found.indices + 1) % user_items.shape[1])


class Nothing(ModelTrainer):
    """Finds no neighbours."""

    def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
        n_items = user_items.shape[1]
        return Neighbours(np.zeros(n_items + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))


@pytest.mark.parametrize("wrong", [Reversed, Shifted, Nothing])
def test_wrong_scoring_is_worse_than_the_champion_beyond_doubt(wrong: type[ModelTrainer]) -> None:
    events = a_shop(n_users=300, n_products=120, n_events=9000)
    evaluation = tried(events, a_champion(model_until(events, 30), until=30), wrong).evaluation
    assert evaluation.against_champion
    assert evaluation.against_champion.ndcg.high < 0


def test_recipe_without_neighbours_is_popularity() -> None:
    evaluation = tried(a_shop(), trainer=Nothing).evaluation
    assert evaluation.candidate == evaluation.popularity
    assert is_nothing(evaluation.against_popularity)


def test_trial_is_the_same_every_time_on_any_number_of_threads() -> None:
    events = a_shop()
    champion = a_champion(model_until(events, 30, some_settings(neighbours=3)), until=30)
    order = np.random.default_rng(1).permutation(len(events))
    columns = ("user_idx", "item_idx", "weight", "occurred_at", "kind")
    shuffled = replace(events, **{name: getattr(events, name)[order] for name in columns})
    expected = tried(events, champion, threads=1)
    for again in (tried(events, champion, threads=2), tried(events, champion, threads=4), tried(shuffled, champion)):
        assert again.evaluation == expected.evaluation
        assert again.recommended.tolist() == expected.recommended.tolist()


def test_too_few_users_are_told_of_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    rows: list[Row] = [(user, product, 3.0) for user in range(20) for product in range(20)]
    with caplog.at_level(logging.INFO):
        found = try_recipe(ModelTrainer(some_settings(holdout_min_users=50)), events_of(rows), None)
    assert isinstance(found, NoHoldout)
    assert "only 0 users with a choice of 20 products or more" in found.why
    assert "HOLDOUT_MIN_USERS asks for 50" in found.why
    assert f"Not evaluated: {found.why}" in caplog.text


def test_sample_of_the_users_says_what_it_was_drawn_from() -> None:
    everybody, some = tried(a_shop()).evaluation, tried(a_shop(), holdout_users=30).evaluation
    assert (some.n_users, some.n_sampled_from) == (30, everybody.n_users)
    assert some.n_left_out == everybody.n_left_out


def test_card_gets_how_popular_each_product_was_and_how_often_it_was_listed() -> None:
    events = a_shop()
    trial = tried(events)
    early = events.occurred_at <= trial.evaluation.cut.timestamp()
    weights = np.bincount(events.item_idx[early], events.weight[early], len(events.products))
    assert trial.popularity == pytest.approx(weights, rel=1e-6)
    assert trial.recommended.sum() == K * trial.evaluation.n_users
    assert trial.evaluation.candidate.coverage == np.mean(trial.recommended > 0)


def test_manifest_gets_plain_rounded_numbers() -> None:
    evaluation = tried(a_shop(), a_champion(None, until=1000)).evaluation
    told = json.loads(json.dumps(evaluation.as_json()))
    assert told == evaluation.as_json()
    assert list(told) == [
        *("k", "cut", "cut_by", "n_users", "n_left_out", "n_new_users", "n_sampled_from", "kinds", "repeat_share"),
        *("candidate", "popularity", "champion", "buy_again"),
        *("against_popularity", "against_champion", "against_buy_again", "champion_note", "bands"),
    ]
    assert list(told["candidate"]) == [*METRICS, "coverage", "concentration"]
    assert told["against_champion"]["ndcg"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert told["candidate"]["recall"]["low"] == round(evaluation.candidate.metrics.recall.low, 6)
