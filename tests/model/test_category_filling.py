"""What fills a list up by category, held to its promise by examples; its brute-force twin is in the whole lists."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model import answers
from model.answers import AnswerList, Source
from model.catalogue import NO_CATEGORY
from model.category_filling import category_items
from model.histories import Histories
from model.ids import IntegerIds
from model.model import Model
from tests.builders import a_catalogue, a_model
from tests.model import brute_force
from tests.model import random_models as random

NOTHING = np.empty(0, np.int32)
COFFEE, TEA = 0, 1


def a_shop(*category: int, popularity: list[float]) -> Model:
    """Products without neighbours, in these categories; those beyond `popularity` are new."""
    n_items, n = len(popularity), len(category)
    model = a_model(IntegerIds(np.arange(n_items)), neighbours={0: {}}, histories={0: {0: 1.0}}, popularity=popularity)
    told = replace(
        a_catalogue(),
        new_products=IntegerIds(np.arange(n_items, n)),
        category=np.array(category, np.int32),
        available=np.ones(n, np.uint8),
    )
    return replace(model, catalogue=told)


def a_history(weights: dict[int, float]) -> Histories:
    return Histories.one(np.array(list(weights), np.int32), np.array(list(weights.values()), np.float32))


def told(found: AnswerList) -> list[tuple[int, float, Source]]:
    return [(one.item_idx, round(one.score, 6), one.source) for one in found.answers]


@given(random.models(), st.data(), st.integers(0, 12))
def test_items_are_what_brute_force_gives(model: Model, data: st.DataObject, k: int) -> None:
    anything = st.integers(0, model.n_listable - 1)
    items, without = sorted(data.draw(st.sets(anything))), sorted(data.draw(st.sets(anything)))
    weights = [data.draw(random.EIGHTHS) for _ in items]
    history = a_history(dict(zip(items, weights, strict=True)))
    found = category_items(model, history, k, np.array(without, np.int32))
    expected = brute_force.category_answers(model, items, weights, set(without))[:k]
    assert found[0].tolist() == [one.item_idx for one in expected]
    assert found[1].tolist() == [one.score for one in expected]


def test_categories_take_turns_by_their_weight_in_the_history() -> None:
    model = a_shop(COFFEE, TEA, COFFEE, COFFEE, TEA, TEA, popularity=[1, 1, 4, 3, 400, 300])
    found = answers.recommend(model, a_history({0: 3.0, 1: 1.0}), 4)
    assert told(found) == [
        (2, 0.75, Source.CATEGORY),
        (3, 0.5625, Source.CATEGORY),
        (4, 0.25, Source.CATEGORY),
        (5, 0.1875, Source.CATEGORY),
    ]
    assert (found.source, found.confidence) == (Source.POPULAR, 0.0)


def test_products_without_an_event_come_last_in_their_category_and_before_all_else() -> None:
    model = a_shop(COFFEE, COFFEE, TEA, COFFEE, TEA, popularity=[1, 2, 9])
    assert told(answers.similar(model, 0, 4)) == [
        (1, 1.0, Source.CATEGORY),
        (3, 0.0, Source.CATEGORY),
        (2, 0.0, Source.POPULAR),
        (4, 0.0, Source.POPULAR),
    ]


def test_what_nobody_had_yet_is_answered_from_its_category() -> None:
    model = a_shop(COFFEE, COFFEE, TEA, COFFEE, popularity=[1, 2, 9])
    assert told(answers.similar(model, 3, 3)) == [
        (1, 1.0, Source.CATEGORY),
        (0, 0.5, Source.CATEGORY),
        (2, 0.0, Source.POPULAR),
    ]


def test_what_is_in_no_category_is_filled_up_by_popular_products_alone() -> None:
    model = a_shop(NO_CATEGORY, NO_CATEGORY, TEA, popularity=[1, 2, 9])
    assert told(answers.similar(model, 0, 2)) == [(2, 1.0, Source.POPULAR), (1, round(2 / 9, 6), Source.POPULAR)]


def test_borrowed_products_come_before_those_of_the_category() -> None:
    model = a_shop(COFFEE, COFFEE, TEA, popularity=[1, 2, 9])
    lent = a_model(IntegerIds(np.arange(3)), neighbours={0: {2: 0.5}}, histories={}, popularity=[1, 2, 9]).neighbours
    found = answers.similar(replace(model, borrowed=lent), 0, 2)
    assert told(found) == [(2, 0.5, Source.SIMILAR), (1, 0.0, Source.CATEGORY)]
    assert found.source is Source.MIXED


@given(random.models(), st.data(), st.integers(0, 12))
def test_without_a_catalogue_nothing_is_of_a_category(model: Model, data: st.DataObject, k: int) -> None:
    bare = replace(model, catalogue=None)
    item = data.draw(st.integers(0, len(model.products) - 1))
    assert all(one.source is not Source.CATEGORY for one in answers.similar(bare, item, k).answers)
    assert not len(category_items(bare, a_history({item: 1.0}), k, NOTHING)[0])
