"""Whether kinds of events are taken together, apart, or as paths to purchases."""

from dataclasses import replace

import scipy.sparse as sp

from model.neighbours import Neighbours
from tests.trainer.choosing.chosen import chosen_for, is_ridge, rounds
from tests.trainer.choosing.shops import (
    a_shop_of_random_purchases,
    a_shop_of_substitutes,
    pairs_of_users,
)
from tests.trainer.evaluation.shops import events_of, some_settings
from trainer.choosing.choose import choose
from trainer.choosing.question import find_question
from trainer.choosing.work import ridge_seconds
from trainer.model_trainer import ModelTrainer


def test_paths_to_purchases_are_taken_where_they_find_more_of_them() -> None:
    chosen = chosen_for(a_shop_of_substitutes(n_users=1200), recipe_budget_seconds=0, holdout_kinds="purchase")
    assert chosen.choice
    assert chosen.trainer.settings.kinds == "paths"
    together = max(mean for one, mean in chosen.choice.rounds.items() if one.kinds == "together")
    assert chosen.choice.tried[0].ndcg > 1.05 * together
    assert {one.kinds for one in rounds(chosen)} == {"together", "apart", "paths"}


def test_kinds_stay_as_they_are_where_that_is_set_or_there_is_one_only() -> None:
    for kinds in ("together", "apart", "paths"):
        assert {one.kinds for one in rounds(chosen_for(a_shop_of_substitutes(), kinds=kinds))} == {kinds}
    events = events_of([*pairs_of_users(), (1, 1, 30.0, "view")], ("purchase", "view"))
    assert {one.kinds for one in rounds(chosen_for(events))} == {"together"}


def test_weights_of_the_kinds_that_the_shop_has_set_stay_by_kind_too() -> None:
    chosen = chosen_for(a_shop_of_substitutes(), view_weight=0.3)
    for kinds in ("apart", "paths"):
        assert {one.weights for one in rounds(chosen) if one.kinds == kinds} == {(("purchase", 1.0), ("view", 0.3))}


def test_local_ridge_is_tried_on_paths_where_it_does_best_and_there_is_time_for_it_twice() -> None:
    events = a_shop_of_substitutes()
    question = find_question(events, some_settings())
    assert question
    once = ridge_seconds(question, some_settings())
    tried = {
        factor: {one.kinds for one in rounds(chosen_for(events, recipe_budget_seconds=factor * once)) if is_ridge(one)}
        for factor in (1.5, 2.5)
    }
    assert tried == {1.5: {"together"}, 2.5: {"together", "paths"}}


def test_paths_are_left_where_views_are_asked_for_and_tell_of_views_alone() -> None:
    chosen = chosen_for(a_shop_of_random_purchases(), recipe_budget_seconds=0)
    assert "paths" in {one.kinds for one in rounds(chosen)}
    assert chosen.trainer.settings.kinds != "paths"


def test_similarities_of_a_shops_own_know_no_paths_and_may_be_apart() -> None:
    class Own(ModelTrainer):
        def train(self, user_items: sp.csr_matrix) -> Neighbours | sp.csr_matrix:
            assert user_items.shape[1] == 144
            return super().train(user_items)

    chosen = choose(Own(some_settings(recipe_budget_seconds=0)), a_shop_of_substitutes())
    assert chosen.choice
    assert {one.kinds for one in rounds(chosen)} == {"together", "apart"}
    assert chosen.trainer.settings.kinds == "apart"
    together = max(mean for one, mean in chosen.choice.rounds.items() if one.kinds == "together")
    assert chosen.choice.tried[0].ndcg > 1.05 * together
    assert replace(chosen.choice.chosen, kinds="together", half_life_days=None) in chosen.choice.rounds
