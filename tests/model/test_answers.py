"""The questions a model answers, held to their brute-force twin and to what the lists promise."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model import answers
from model.answers import AnswerList, Source
from model.histories import Histories
from model.model import Model
from tests.builders import a_model
from tests.model import brute_force
from tests.model import random_models as random

K = st.integers(0, 12)


@st.composite
def models_and_histories(draw: st.DrawFn) -> tuple[Model, list[int], list[float]]:
    model = draw(random.models())
    n_events = draw(st.integers(0, 6))
    items = draw(st.lists(st.integers(0, model.n_listable - 1), min_size=n_events, max_size=n_events))
    return model, items, draw(st.lists(random.EIGHTHS, min_size=n_events, max_size=n_events))


def recommend(model: Model, items: list[int], weights: list[float], k: int) -> AnswerList:
    return answers.recommend(model, Histories.one(np.array(items, np.int32), np.array(weights, np.float32)), k)


def items_of(given_list: AnswerList) -> list[int]:
    return [answer.item_idx for answer in given_list.answers]


@given(random.models(), st.data(), K)
def test_similar_is_what_brute_force_gives(model: Model, data: st.DataObject, k: int) -> None:
    item = data.draw(st.integers(0, model.n_listable - 1))
    assert answers.similar(model, item, k) == brute_force.similar(model, item, k)


@given(models_and_histories(), K)
def test_recommend_is_what_brute_force_gives(asked: tuple[Model, list[int], list[float]], k: int) -> None:
    assert recommend(*asked, k) == brute_force.recommend(*asked, k)


@given(random.models(), K)
def test_popular_is_what_brute_force_gives(model: Model, k: int) -> None:
    assert answers.popular(model, k) == brute_force.popular(model, k)


@given(models_and_histories(), K)
def test_list_has_k_answers_where_the_catalogue_has_k(asked: tuple[Model, list[int], list[float]], k: int) -> None:
    model, n_products = asked[0], asked[0].n_listable
    assert len(set(items_of(recommend(*asked, k)))) == len(recommend(*asked, k).answers) == min(k, n_products)
    assert len(set(items_of(answers.popular(model, k)))) == min(k, n_products)
    assert len(set(items_of(answers.similar(model, 0, k)))) == min(k, n_products - 1)


@given(random.models(), st.sets(st.integers(0, 7)), K)
def test_popular_items_are_the_popular_list_without_some(model: Model, left_out: set[int], k: int) -> None:
    left_out &= set(range(model.n_listable))
    found = answers.popular_items(model, k, without=np.array(sorted(left_out), np.int32))
    everything = items_of(answers.popular(model, model.n_listable))
    assert found.tolist() == [item for item in everything if item not in left_out][:k]


@given(models_and_histories(), st.integers(1, 12))
def test_longer_list_begins_as_the_shorter_one(asked: tuple[Model, list[int], list[float]], k: int) -> None:
    shorter, longer = items_of(recommend(*asked, k - 1)), items_of(recommend(*asked, k))
    assert longer[: len(shorter)] == shorter


@given(models_and_histories(), K)
def test_seen_products_come_last_and_say_so(asked: tuple[Model, list[int], list[float]], k: int) -> None:
    listed = recommend(*asked, k).answers
    assert [answer.seen for answer in listed] == sorted(answer.seen for answer in listed)
    assert all(answer.seen == (answer.item_idx in asked[1]) for answer in listed)


def test_neighbours_come_before_popular_products_which_score_0() -> None:
    listed = answers.similar(a_model(), 0, 4)
    assert listed.source is Source.MIXED
    assert [(answer.item_idx, answer.source) for answer in listed.answers] == [
        (1, Source.SIMILAR),
        (2, Source.SIMILAR),
        (4, Source.POPULAR),
        (3, Source.POPULAR),
    ]
    assert [round(answer.score, 6) for answer in listed.answers] == [0.9, 0.5, 0.0, 0.0]


def test_product_without_neighbours_gets_popular_products_with_their_shares() -> None:
    listed = answers.similar(a_model(), 3, 2)
    assert listed.source is Source.POPULAR
    assert [(answer.item_idx, round(answer.score, 6)) for answer in listed.answers] == [(4, 1.0), (2, 0.6)]


def test_history_of_everything_is_recommended_again_by_its_own_scores() -> None:
    listed = recommend(a_model(), [0, 1, 2, 3, 4], [1.0] * 5, 3)
    assert [(answer.item_idx, round(answer.score, 6)) for answer in listed.answers] == [(0, 1.4), (1, 0.9), (2, 0.5)]
    assert {answer.seen for answer in listed.answers} == {True}
    assert listed.source is Source.PERSONAL


def test_products_with_equal_scores_are_in_the_order_of_their_ids() -> None:
    model = a_model(neighbours={0: {1: 0.5, 3: 0.5}, 4: {2: 0.5}})
    assert items_of(recommend(model, [4, 0], [1.0, 1.0], 3)) == [1, 2, 3]


def test_session_is_answered_as_a_session() -> None:
    items, weights = np.array([0], np.int32), np.array([1.0], np.float32)
    assert answers.recommend(a_model(), Histories.one(items, weights), 1, Source.SESSION).source is Source.SESSION


def test_empty_history_gets_popular_products() -> None:
    assert recommend(a_model(), [], [], 2).source is Source.POPULAR
    assert items_of(recommend(a_model(), [], [], 2)) == [4, 3]


def test_without_any_popularity_products_are_in_the_order_of_their_ids() -> None:
    listed = answers.popular(a_model(popularity=[0.0] * 5), 3)
    assert [(answer.item_idx, answer.score) for answer in listed.answers] == [(0, 0.0), (1, 0.0), (2, 0.0)]


@given(models_and_histories(), st.data(), K)
def test_what_may_come_again_is_what_brute_force_gives(
    asked: tuple[Model, list[int], list[float]], data: st.DataObject, k: int
) -> None:
    model, items, weights = asked
    again = data.draw(st.lists(random.EIGHTHS, min_size=len(items), max_size=len(items)))
    columns = np.array(items, np.int32), np.array(weights, np.float32), np.array(again, np.float32)
    assert answers.recommend(model, Histories.one(*columns), k) == brute_force.recommend(*asked, k, again)


def test_product_that_is_worth_having_again_stands_among_new_ones() -> None:
    history = Histories.one(np.array([0], np.int32), np.ones(1, np.float32), np.array([0.5], np.float32))
    listed = answers.recommend(a_model(neighbours={0: {1: 0.9, 2: 0.1}}), history, 3).answers
    assert [(one.item_idx, one.score, one.seen) for one in listed] == [
        (1, np.float32(0.9), False),
        (0, 0.5, True),
        (2, np.float32(0.1), False),
    ]
