"""What led to an answer: the parts add up to its score, and shoppers are counted as one would by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import answers, reasons
from model.histories import Histories
from model.model import Model
from model.reasons import Explanation, Reason, explanations
from tests.builders import a_model, integer_ids
from tests.model import random_models as random


@st.composite
def models_and_histories(draw: st.DrawFn) -> tuple[Model, Histories]:
    model = draw(random.models())
    items = sorted(draw(st.sets(st.integers(0, model.n_listable - 1))))
    weights, again = ([draw(random.EIGHTHS) for _ in items] for _ in range(2))
    columns = np.array(items, np.int32), np.array(weights, np.float32)
    return model, Histories.one(*columns, np.array(again, np.float32) if draw(st.booleans()) else None)


def added_up(one: Explanation) -> float:
    return sum(reason.part for reason in one.reasons) + one.rest + one.again + one.popularity


@given(models_and_histories(), st.integers(0, 12))
def test_the_parts_of_a_recommendation_add_up_to_its_score(asked: tuple[Model, Histories], k: int) -> None:
    found = answers.recommend(*asked, k).answers
    why = explanations(*asked, found)
    assert [added_up(one) for one in why] == pytest.approx([answer.score for answer in found], rel=1e-6)
    for one in why:
        parts = [reason.part for reason in one.reasons]
        assert parts == sorted(parts, reverse=True)
        assert len(parts) == 5 or one.rest == 0
        assert {reason.item_idx for reason in one.reasons} <= set(asked[1].indices.tolist())


@given(random.models(), st.data(), st.integers(0, 12))
def test_the_parts_of_a_similar_product_add_up_to_its_score(model: Model, data: st.DataObject, k: int) -> None:
    item = data.draw(st.integers(0, model.n_listable - 1))
    found = answers.similar(model, item, k).answers
    why = explanations(model, answers.history_of_one(item), found)
    assert [added_up(one) for one in why] == pytest.approx([answer.score for answer in found], rel=1e-6)


@given(random.models(), st.data())
def test_shoppers_are_the_users_that_have_both(model: Model, data: st.DataObject) -> None:
    item = st.integers(0, len(model.products) - 1)
    pairs = data.draw(st.lists(st.tuples(item, item), max_size=4))
    had = [set(model.histories.of(user)[0].tolist()) for user in range(model.histories.n_users)]
    expected = [sum(one in items and other in items for items in had) for one, other in pairs]
    assert reasons.users_of_both(model.histories, pairs) == expected


def test_a_model_of_too_many_interactions_leaves_shoppers_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "MOST_COUNTED", 2)
    found = answers.similar(a_model(), 0, 1).answers
    (why,) = explanations(a_model(), answers.history_of_one(0), found)
    assert why.reasons == (Reason(0, float(np.float32(0.9)), None),)


def test_five_products_are_named_and_the_others_are_the_rest() -> None:
    near = {item: {0: item / 8} for item in range(1, 8)}
    model = a_model(integer_ids(list(range(8))), neighbours=near, histories={})
    history = Histories.one(np.arange(1, 8, dtype=np.int32), np.ones(7, np.float32))
    (why,) = explanations(model, history, answers.recommend(model, history, 1).answers)
    assert [(one.item_idx, one.part) for one in why.reasons] == [(item, item / 8) for item in (7, 6, 5, 4, 3)]
    assert why.rest == 3 / 8
