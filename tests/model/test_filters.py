"""What a list may hold, held to a twin that looks at one product after the other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import answers
from model.answers import AnswerList
from model.filters import Filter
from model.histories import Histories
from model.model import Model
from tests.builders import a_catalogue, a_model
from tests.model import brute_force
from tests.model import random_models as random

K = st.integers(0, 12)
PRICES = st.one_of(st.none(), random.EIGHTHS)


@st.composite
def filters(draw: st.DrawFn, model: Model) -> Filter:
    ids = [model.at(idx) for idx in range(model.n_listable)] + ["no such id"]
    named = st.lists(st.sampled_from(ids), max_size=4).map(tuple)
    catalogue = model.catalogue
    asked = Filter(
        only=draw(st.one_of(st.none(), named)), excluded=draw(named), include_unavailable=draw(st.booleans())
    )
    if catalogue is None:
        return asked
    texts = [catalogue.categories.at(one) for one in range(len(catalogue.categories))] + ["no such category"]
    categories = draw(st.one_of(st.none(), st.frozensets(st.sampled_from(texts), max_size=2)))
    return replace(asked, categories=categories, min_price=draw(PRICES), max_price=draw(PRICES))


@st.composite
def filtered_models(draw: st.DrawFn) -> tuple[Model, Filter]:
    model = draw(random.models())
    return model, draw(filters(model))


def allowed_by(asked: Filter, model: Model) -> set[int]:
    return {idx for idx in range(model.n_listable) if allows(asked, model, idx)}


def allows(asked: Filter, model: Model, idx: int) -> bool:
    product_id, catalogue = model.at(idx), model.catalogue
    if product_id in asked.excluded or (asked.only is not None and product_id not in asked.only):
        return False
    if catalogue is None:
        return True
    if not asked.include_unavailable and not catalogue.available[idx]:
        return False
    category, price = int(catalogue.category[idx]), float(catalogue.price[idx])
    if asked.categories is not None and (category < 0 or catalogue.categories.at(category) not in asked.categories):
        return False
    if asked.min_price is not None and (price < 0 or price < asked.min_price):
        return False
    return asked.max_price is None or 0 <= price <= asked.max_price


def items_of(given_list: AnswerList) -> list[int]:
    return [answer.item_idx for answer in given_list.answers]


@given(filtered_models())
def test_a_mask_is_what_one_product_after_the_other_gives(drawn: tuple[Model, Filter]) -> None:
    model, asked = drawn
    mask = asked.allowed(model)
    everything = np.ones(model.n_listable, np.bool_)
    assert set(np.flatnonzero(everything if mask is None else mask).tolist()) == allowed_by(asked, model)


@given(filtered_models(), st.data(), K)
def test_filtered_lists_are_what_brute_force_gives(drawn: tuple[Model, Filter], data: st.DataObject, k: int) -> None:
    (model, asked), item = drawn, data.draw(st.integers(0, drawn[0].n_listable - 1))
    mask, allowed = asked.allowed(model), allowed_by(asked, model)
    assert answers.similar(model, item, k, mask) == brute_force.similar(model, item, k, allowed)
    assert answers.popular(model, k, mask) == brute_force.popular(model, k, allowed)


@given(filtered_models(), st.data(), K, st.booleans())
def test_filtered_recommendations_are_what_brute_force_gives(
    drawn: tuple[Model, Filter], data: st.DataObject, k: int, may_come_again: bool
) -> None:
    model, asked = drawn
    items = sorted(data.draw(st.sets(st.integers(0, model.n_listable - 1), max_size=5)))
    weights, again = ([data.draw(random.EIGHTHS) for _ in items] for _ in range(2))
    history = Histories.one(
        np.array(items, np.int32),
        np.array(weights, np.float32),
        np.array(again, np.float32) if may_come_again else None,
    )
    found = answers.recommend(model, history, k, allowed=asked.allowed(model))
    expected = brute_force.recommend(
        model, items, weights, k, again if may_come_again else None, allowed_by(asked, model)
    )
    assert found == expected


@given(filtered_models(), K)
def test_as_many_as_are_asked_for_are_got_wherever_so_many_are_allowed(drawn: tuple[Model, Filter], k: int) -> None:
    model, asked = drawn
    # An empty history leads to nothing, and its list is filled all the same.
    n_allowed = len(allowed_by(asked, model))
    nobody = Histories.one(np.empty(0, np.int32), np.empty(0, np.float32))
    assert len(items_of(answers.recommend(model, nobody, k, allowed=asked.allowed(model)))) == min(k, n_allowed)


def test_a_neighbour_beyond_the_first_k_takes_the_place_of_one_that_is_left_out() -> None:
    model = a_model(neighbours={0: {1: 0.9, 2: 0.5, 3: 0.4}})
    mask = Filter(excluded=("20",)).allowed(model)
    assert items_of(answers.similar(model, 0, 2, mask)) == [2, 3]


def test_popular_products_are_looked_for_among_all_where_the_first_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "_AT_FIRST", 1)
    mask = Filter(only=("10",)).allowed(a_model())
    assert items_of(answers.popular(a_model(), 2, mask)) == [0]


def test_a_filter_that_asks_for_nothing_costs_no_mask() -> None:
    assert Filter().allowed(a_model()) is None


def test_a_price_is_one_of_the_shop_to_the_cent() -> None:
    model = replace(a_model(), catalogue=replace(a_catalogue(), price=np.full(7, 18.99, np.float32)))
    mask = Filter(min_price=18.99, max_price=18.99, include_unavailable=True).allowed(model)
    assert mask is not None
    assert mask.all()


@pytest.mark.parametrize("asked", [Filter(categories=frozenset()), Filter(min_price=1.0), Filter(max_price=1.0)])
def test_without_a_catalogue_nobody_can_tell_categories_and_prices(asked: Filter) -> None:
    with pytest.raises(ValueError, match="no catalogue"):
        asked.allowed(a_model())
