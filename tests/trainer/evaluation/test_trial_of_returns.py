"""Trials of lists that may hold what users had: they are judged by all that users took up, next to buy again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.trainer.evaluation import brute_force
from tests.trainer.evaluation.shops import a_champion, a_shop, day, some_settings
from tests.trainer.evaluation.trials import K, assert_as_by_hand, tried
from trainer.evaluation import rival
from trainer.evaluation.cut import Cut, CutBy
from trainer.model_trainer import ModelTrainer


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lists_that_may_hold_what_users_had_are_judged_by_all_that_they_took_up(seed: int) -> None:
    events = a_shop(seed)
    evaluation = tried(events, exclude_seen=False, buy_again_strength=0.3).evaluation
    trainer = ModelTrainer(some_settings(exclude_seen=False, buy_again_strength=0.3))
    made = rival.model_until(trainer, events, Cut(int(evaluation.cut.timestamp()), CutBy.WINDOW))
    asked = brute_force.ask(events, (evaluation.cut - day(0)) / timedelta(days=1), K, made, None)
    assert_as_by_hand(replace(evaluation, champion=None), asked, len(events.products))
    assert evaluation.buy_again is not None
    assert evaluation.against_buy_again is not None
    assert 0 < evaluation.repeat_share < 1
    taken = {band.name: band.n for band in evaluation.bands.novelty}
    assert taken.keys() == {"products they had before", "products new to them"}
    assert sum(taken.values()) == sum(len(products) for products in asked.truth.values())


def test_lists_of_new_products_have_no_rival_in_buying_again() -> None:
    evaluation = tried(a_shop()).evaluation
    assert (evaluation.buy_again, evaluation.against_buy_again, evaluation.bands.novelty) == (None, None, ())
    assert evaluation.repeat_share > 0.1


def test_champion_that_lists_what_users_had_is_rebuilt_as_it_is_served() -> None:
    events = a_shop()
    as_it_was = some_settings(exclude_seen=False, buy_again_strength=1e6)
    champion = a_champion(None, until=39.9, made_by=as_it_was)
    evaluation = tried(events, champion, exclude_seen=False, buy_again_strength=0.01, holdout_min_users=20).evaluation
    assert evaluation.champion is not None
    found = {band.name: band for band in evaluation.bands.novelty}["products they had before"]
    assert found.champion is not None
    assert found.champion > found.candidate
