"""RECIPE=auto: what is chosen, on what, and that it can be told again from the manifest."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.trainer.choosing.chosen import chosen_for, rounds, variants
from tests.trainer.choosing.shops import (
    a_shop_of_substitutes,
    a_shop_with_habits,
    a_shop_with_noisy_views,
    pairs_of_users,
)
from tests.trainer.evaluation.shops import Row, events_of, some_settings
from trainer.choosing import choose as choosing
from trainer.choosing.choice import simplest_of_equals
from trainer.choosing.choose import choose
from trainer.choosing.question import find_question
from trainer.choosing.trials import Trials
from trainer.choosing.variant import Variant
from trainer.evaluation.lists import candidate_lists
from trainer.evaluation.rival import model_until
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer


def test_choice_is_the_best_of_what_was_tried_or_as_good() -> None:
    choice = chosen_for(events_of(pairs_of_users())).choice
    assert choice
    best = choice.tried[0]
    taken = next(one for one in choice.tried if one.variant == choice.chosen)
    assert taken.ndcg >= 0.99 * best.ndcg
    assert best.ndcg == max(one.ndcg for one in choice.tried)
    assert taken.ndcg > 1.2 * choice.popularity
    assert choice.n_users > 150


def test_every_class_of_recipe_and_of_signal_is_tried() -> None:
    chosen = chosen_for(events_of(pairs_of_users()))
    tried = variants(chosen)
    assert {recipe for recipe, _ in tried} == {"cosine", "normalised", "local_ridge"}
    assert {how for _, how in tried} == {"sum", "log", "binary"}
    half_lives = sorted({one.half_life_days for one in rounds(chosen) if one.half_life_days is not None})
    span_days = 60 * 0.75
    assert half_lives == [pytest.approx(span_days / 8, abs=1), pytest.approx(span_days / 2, abs=1)]
    assert {10.0, 30.0} < {one.ridge for one in rounds(chosen) if one.recipe == "local_ridge"}


@pytest.mark.parametrize("events", [events_of(pairs_of_users()), a_shop_of_substitutes()], ids=["one kind", "two"])
def test_scores_are_those_of_models_that_had_not_seen_the_answers(events: Events) -> None:
    """Each figure once more, by hand: the model of the events before the cut, and its lists."""
    trainer = ModelTrainer(some_settings())
    choice = choose(trainer, events).choice
    question = find_question(events, trainer.settings)
    assert choice
    assert question
    for tried in choice.tried:
        settings = tried.variant.settings(trainer.settings)
        weighed = tried.variant.weighed(events, trainer.settings.event_weights())
        model = model_until(ModelTrainer(settings), weighed, question.cut)
        lists = candidate_lists(model, question.truth.users, Asking(10, 1)).items
        hits = question.truth.hits(lists)
        ideal = np.cumsum(1 / np.log2(np.arange(2, 12)))[np.minimum(question.truth.sizes, 10) - 1]
        assert tried.ndcg == pytest.approx(float(np.mean((hits / np.log2(np.arange(2, 12))).sum(axis=1) / ideal)))


def test_repeats_of_staples_are_not_taken_for_taste() -> None:
    chosen = chosen_for(a_shop_with_habits())
    assert chosen.trainer.settings.repeats in {"log", "binary"}


def test_views_that_say_nothing_lose_weight() -> None:
    events = a_shop_with_noisy_views()
    chosen = chosen_for(events, repeats="sum")
    weights = {dict(one.weights)["view"] for one in rounds(chosen)}
    assert weights == {0.3, 0.1, 1.0}
    taken = chosen.trainer.settings.event_weights()
    assert taken["view"] < 1.0
    assert taken["purchase"] == 1.0
    viewed = chosen.events.weight[chosen.events.kind == 1]
    assert viewed == pytest.approx(np.full(len(viewed), taken["view"]))


def test_weights_that_were_tuned_are_told_next_to_those_that_are_configured(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    choice = chosen_for(a_shop_of_substitutes(), recipe_budget_seconds=0).choice
    assert choice
    assert choice.changed_weights() == {"view": (0.1, 0.3)}
    assert "kinds apart, view 0.1, configured 0.3)" in caplog.text
    told = choice.as_json()
    assert told["configured"]["event_weights"] == {"purchase": 1.0, "view": 0.3}
    assert [one["event_weights"]["view"] for one in told["tried"] if one["is_configured"]] == [0.3]


def test_what_the_shop_has_set_stays() -> None:
    events = a_shop_with_noisy_views()
    chosen = chosen_for(events, repeats="cap", half_life_days=50, view_weight=0.3, ridge=7)
    for one in rounds(chosen):
        assert (one.repeats, one.half_life_days, one.ridge) == ("cap", 50, 7)
        assert dict(one.weights) == {"purchase": 1.0, "view": 0.3}


def test_same_events_give_the_same_choice_on_any_number_of_threads() -> None:
    events = events_of(pairs_of_users())
    told = {
        json.dumps(found.as_json()) for threads in (1, 2, 4) if (found := chosen_for(events, threads=threads).choice)
    }
    assert len(told) == 1


def test_a_recipe_that_would_take_too_long_is_not_tried() -> None:
    assert "local_ridge" not in {
        recipe for recipe, _ in variants(chosen_for(events_of(pairs_of_users()), recipe_budget_seconds=0))
    }


def test_simpler_one_is_taken_where_both_do_as_well() -> None:
    events = events_of(pairs_of_users())
    trials = Trials(ModelTrainer(some_settings()), replace_question(events))
    simple = Variant.configured(trials.trainer.settings)
    other = replace(simple, recipe="local_ridge")
    users = np.linspace(0, 1, 100)
    trials.values = {other: users + 0.001, simple: users}
    assert simplest_of_equals(trials) == other, "better for every single user"
    trials.values = {other: users + np.where(np.arange(100) % 2, 0.02, -0.018), simple: users}
    assert simplest_of_equals(trials) == simple
    trials.values = {other: users + np.where(np.arange(100) % 2, 0.2, -0.18), simple: users}
    assert simplest_of_equals(trials) == other, "two hundredths are too much to give away"


def replace_question(events: Events) -> Any:  # noqa: ANN401 (a Question)
    found = find_question(events, some_settings())
    assert found
    return found


def test_too_few_users_leave_the_recipe_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    chosen = chosen_for(events_of([(user, user % 5, 1.0) for user in range(20)]))
    assert chosen.choice is None
    assert chosen.trainer.settings.recipe == "cosine"
    assert "No recipe was chosen by evidence" in caplog.text


def test_where_all_times_are_one_a_part_is_drawn_by_chance() -> None:
    events = events_of([(user, product, 5.0) for user, product, _ in all_pairs()])
    choice = chosen_for(events).choice
    assert choice
    assert choice.cut is None
    assert choice.n_users > 200
    assert {one.half_life_days for one in choice.rounds} == {None}


def all_pairs() -> list[tuple[int, int, float]]:
    return [(int(row[0]), int(row[1]), float(row[2])) for row in pairs_of_users()]


def test_window_doubles_as_long_as_a_tenth_is_held_out_at_most() -> None:
    events = events_of(pairs_of_users(n_users=900))
    found = find_question(events, some_settings(holdout_days=1))
    assert found
    assert (int(events.occurred_at.max()) - found.cut.seconds) / 86_400 == 4
    assert found.n_users > 500
    assert found.by_time


@pytest.mark.parametrize(("n_users", "share"), [(900, 0.1), (100, 0.25)])
def test_a_short_log_holds_out_its_newest_part(n_users: int, share: float) -> None:
    rows: list[Row] = [(row[0], row[1], row[2] / 100) for row in pairs_of_users(n_users=n_users)]
    events = events_of(rows)
    found = find_question(events, some_settings(holdout_days=7))
    assert found
    assert np.mean(events.occurred_at > found.cut.seconds) == pytest.approx(share, abs=0.02)


def test_large_shops_are_compared_on_a_sample_first_and_then_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    events = events_of(pairs_of_users(n_users=800))
    whole = chosen_for(events)
    monkeypatch.setattr(choosing, "_SAMPLED_EVENTS", len(events) // 2)
    sampled = chosen_for(events)
    assert whole.choice
    assert sampled.choice
    assert sampled.choice.n_users == whole.choice.n_users
    assert len(sampled.choice.tried) <= 3 < len(sampled.choice.rounds)
    assert sampled.trainer.settings.min_co_occurrence == whole.trainer.settings.min_co_occurrence
    common = {one.variant: one.ndcg for one in whole.choice.tried}
    assert any(one.variant in common and one.ndcg == common[one.variant] for one in sampled.choice.tried)


def test_a_better_co_occurrence_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    choice = chosen_for(events_of(pairs_of_users(n_users=300)), min_co_occurrence=60).choice
    assert choice
    assert any(note.startswith("MIN_CO_OCCURRENCE=30 would do better than 60") for note in choice.notes)
    assert choice.notes[0] in caplog.text


def test_a_shop_without_tastes_is_told_that_nothing_beats_popularity() -> None:
    rng = np.random.default_rng(5)
    fame = 1 / np.arange(1, 101) ** 1.2
    rows: list[Row] = []
    for user in range(300):
        chosen = rng.choice(100, 10, replace=False, p=fame / fame.sum())
        rows += [(user, int(product), float(day)) for product, day in zip(chosen, rng.random(10) * 60, strict=True)]
    choice = chosen_for(events_of(rows)).choice
    assert choice
    assert choice.notes[0].startswith("No recipe does better than popular products: ndcg 0.")
    assert not [note for note in chosen_notes() if "popular products" in note]


def chosen_notes() -> list[str]:
    choice = chosen_for(events_of(pairs_of_users())).choice
    assert choice
    return list(choice.notes)


def test_choice_is_plain_json() -> None:
    choice = chosen_for(events_of(pairs_of_users())).choice
    assert choice
    told = json.loads(json.dumps(choice.as_json(), allow_nan=False))
    assert [one["is_chosen"] for one in told["tried"]].count(True) == 1
    assert told["chosen"]["recipe"] == choice.chosen.recipe
    assert told["k"] == 10


def test_where_users_come_back_that_is_weighed_on_all_that_they_took_up() -> None:
    chosen = chosen_for(a_shop_with_habits(), exclude_seen=False)
    assert chosen.choice
    weighed = chosen.choice.buy_again
    assert weighed
    assert weighed.tried[weighed.chosen] == max(weighed.tried.values())
    assert weighed.tried[weighed.chosen] >= max(weighed.buy_again, weighed.popularity)
    settings = chosen.trainer.settings
    assert (settings.buy_again_strength, settings.buy_again_half_life_days) == weighed.chosen
    assert {one.strength for one in weighed.tried} == {0.03, 0.1, 0.3, 1.0, 3.0}
    assert json.loads(json.dumps(chosen.choice.as_json()))["buy_again"]["strength"] == weighed.chosen.strength


def test_recipes_are_compared_on_new_products_whatever_lists_may_hold() -> None:
    events = a_shop_with_habits()
    either = [chosen_for(events, exclude_seen=exclude).choice for exclude in (True, False)]
    assert all(either)
    assert either[0]
    assert either[1]
    assert either[0].rounds == either[1].rounds
    assert either[0].buy_again is None


def test_what_the_shop_has_set_of_coming_back_stays() -> None:
    set_by_shop = {"buy_again_strength": 0.5, "buy_again_half_life_days": 7.0}
    chosen = chosen_for(a_shop_with_habits(), exclude_seen=False, **set_by_shop)
    settings = chosen.trainer.settings
    assert (settings.buy_again_strength, settings.buy_again_half_life_days) == (0.5, 7.0)
    assert chosen.choice
    assert chosen.choice.buy_again
    assert len(chosen.choice.buy_again.tried) == 1
