"""Lists that are diverse, or of less popular products: held to a twin that picks one product after the other."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import answers
from model.answers import AnswerList, Source
from model.filters import Filter
from model.histories import Histories
from model.ids import IntegerIds
from model.model import Model
from model.ranking import best
from model.reordering import BY_SCORE, POOL, Ordering, in_order, nearness
from tests.builders import a_catalogue, a_model
from tests.model import random_models as random
from tests.model.brute_force import dense

K = st.integers(0, 4)
SHARES = st.integers(0, 4).map(lambda quarters: quarters / 4)
ORDERINGS = st.builds(Ordering, SHARES, SHARES)
Candidates = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


@st.composite
def models_and_candidates(draw: st.DrawFn) -> tuple[Model, Candidates]:
    model = draw(random.models())
    items = sorted(draw(st.sets(st.integers(0, len(model.products) - 1))))
    scores = draw(st.lists(random.EIGHTHS, min_size=len(items), max_size=len(items)))
    return model, (np.array(items, np.int32), np.array(scores, np.float32))


def picked_by_hand(model: Model, candidates: Candidates, k: int, ordering: Ordering) -> list[int]:
    """One after the other, as Ordering's docstring says."""
    shares = np.maximum(model.popularity_share.astype(np.float64), 1e-6) ** -ordering.popularity_damping
    worth = {int(item): float(score) * float(shares[item]) for item, score in zip(*candidates, strict=True)}
    by_worth = sorted(worth, key=lambda item: (-worth[item], item))
    if ordering.diversity == 0:
        return by_worth[:k]
    pool, taken = by_worth[: 5 * k], list[int]()

    def gain(item: int) -> float:
        relevance = (1 - ordering.diversity) * (worth[item] / worth[pool[0]])
        return relevance - ordering.diversity * max((near_by_hand(model, item, one) for one in taken), default=0.0)

    while pool and len(taken) < min(k, len(by_worth)):
        rest = [item for item in pool if item not in taken]
        taken.append(max(rest, key=gain))
    return taken


def near_by_hand(model: Model, one: int, other: int) -> float:
    matrix = dense(model.neighbours)
    parts = [matrix[a, b] / np.nanmax(matrix[a]) for a, b in ((one, other), (other, one)) if not np.isnan(matrix[a, b])]
    if model.catalogue is not None and model.catalogue.category[one] == model.catalogue.category[other] != -1:
        parts.append(0.5)
    return max(parts, default=0.0)


@given(models_and_candidates(), K, ORDERINGS)
def test_order_is_what_picking_by_hand_gives(drawn: tuple[Model, Candidates], k: int, ordering: Ordering) -> None:
    model, candidates = drawn
    items, scores = in_order(model, *candidates, k, ordering)
    assert items.tolist() == picked_by_hand(model, candidates, k, ordering)
    given_scores = dict(zip(*(column.tolist() for column in candidates), strict=True))
    assert scores.tolist() == [given_scores[item] for item in items.tolist()]


@given(models_and_candidates())
def test_nearness_is_what_two_products_give_by_hand(drawn: tuple[Model, Candidates]) -> None:
    model, (items, _) = drawn
    near = nearness(model, items)
    for row, one in enumerate(items.tolist()):
        for column, other in enumerate(items.tolist()):
            assert row == column or near[row, column] == near_by_hand(model, one, other)


@given(models_and_candidates(), K)
def test_without_any_wish_the_best_come_first(drawn: tuple[Model, Candidates], k: int) -> None:
    model, candidates = drawn
    for ordering in (BY_SCORE, Ordering(0.0, 0.0)):
        found = in_order(model, *candidates, k, ordering)
        assert [one.tolist() for one in found] == [one.tolist() for one in best(*candidates, k)]


def lists(model: Model, history: Histories, k: int, ordering: Ordering) -> list[AnswerList]:
    mask = Filter().allowed(model)
    one = answers.similar(model, 0, k, mask, ordering)
    return [one, answers.recommend(model, history, k, allowed=mask, ordering=ordering)]


@given(random.models(), st.data(), st.integers(0, 12), ORDERINGS)
def test_lists_are_as_long_and_scores_the_same_whatever_the_order(
    model: Model, data: st.DataObject, k: int, ordering: Ordering
) -> None:
    items = sorted(data.draw(st.sets(st.integers(0, model.n_listable - 1), max_size=4)))
    history = Histories.one(np.array(items, np.int32), np.ones(len(items), np.float32))
    whole = lists(model, history, model.n_listable, BY_SCORE)
    for found, plain, every in zip(
        lists(model, history, k, ordering), lists(model, history, k, BY_SCORE), whole, strict=True
    ):
        assert len({one.item_idx for one in found.answers}) == len(found.answers) == len(plain.answers)
        assert found.source is plain.source
        by_neighbours = {one.item_idx: one.score for one in every.answers if one.score and not one.borrowed}
        assert all(one.score == by_neighbours.get(one.item_idx, one.score) for one in found.answers if not one.borrowed)


def test_a_product_like_one_before_it_gives_way_to_another() -> None:
    near = {0: {1: 0.9, 2: 0.8, 3: 0.7}, 1: {2: 0.9}}
    model = a_model(neighbours=near)
    listed = answers.similar(model, 0, 3, ordering=Ordering(diversity=0.5)).answers
    assert [(one.item_idx, round(one.score, 6)) for one in listed] == [(1, 0.9), (3, 0.7), (2, 0.8)]


def test_a_product_like_the_first_gives_way_though_it_is_not_like_the_last() -> None:
    model = a_model(neighbours={0: {1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6}, 1: {3: 1.0}})
    listed = answers.similar(model, 0, 4, ordering=Ordering(diversity=0.5)).answers
    assert [one.item_idx for one in listed] == [1, 2, 4, 3]


def test_a_product_of_the_category_before_it_gives_way_to_another() -> None:
    model = replace(a_model(neighbours={4: {2: 0.9, 0: 0.8, 3: 0.6}}), catalogue=a_catalogue())
    listed = answers.similar(model, 4, 3, ordering=Ordering(diversity=0.5)).answers
    assert [one.item_idx for one in listed] == [2, 3, 0]


def test_what_few_had_comes_before_what_everybody_has() -> None:
    model = a_model(neighbours={0: {4: 0.9, 1: 0.5, 2: 0.5}})
    listed = answers.similar(model, 0, 3, ordering=Ordering(popularity_damping=1.0)).answers
    assert [(one.item_idx, round(one.score, 6)) for one in listed] == [(1, 0.5), (4, 0.9), (2, 0.5)]


def test_what_is_worth_having_again_takes_part() -> None:
    history = Histories.one(np.array([4], np.int32), np.ones(1, np.float32), np.array([0.9], np.float32))
    model = a_model(neighbours={4: {0: 0.5, 1: 0.4}, 1: {0: 0.5}})
    listed = answers.recommend(model, history, 3, ordering=Ordering(popularity_damping=1.0)).answers
    assert [(one.item_idx, one.seen) for one in listed] == [(0, False), (1, False), (4, True)]


def test_borrowed_products_are_ordered_among_themselves() -> None:
    rows = a_model(neighbours={3: {4: 0.9, 0: 0.8}}).neighbours
    model = replace(a_model(), borrowed=rows)
    listed = answers.similar(model, 3, 2, ordering=Ordering(popularity_damping=1.0)).answers
    assert [(one.item_idx, one.borrowed) for one in listed] == [(0, True), (4, True)]


def test_only_the_best_take_part_in_a_diverse_list() -> None:
    n, k = 4 * POOL, 2
    model = a_model(
        IntegerIds(np.arange(n + 1)),
        neighbours={
            0: {item: 1.0 - item / 1000 for item in range(1, n)},
            1: dict.fromkeys(range(2, k * POOL + 1), 1.0),
        },
        histories={},
    )
    listed = answers.similar(model, 0, k, ordering=Ordering(diversity=1.0)).answers
    assert [one.item_idx for one in listed] == [1, 2]
    assert all(one.source is Source.SIMILAR for one in listed)


@pytest.mark.parametrize("ordering", [Ordering(diversity=1.0), Ordering(popularity_damping=1.0)])
def test_nothing_to_order_is_an_empty_order(ordering: Ordering) -> None:
    nothing = np.empty(0, np.int32), np.empty(0, np.float32)
    assert [len(one) for one in in_order(a_model(), *nothing, 3, ordering)] == [0, 0]
