"""Many users' lists at once: each is what that user alone is served, however the users fall into blocks."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import answers, many_lists
from model.histories import Histories
from model.model import Model
from model.translation import UNKNOWN
from tests.builders import csr
from tests.model import random_models as random

K = st.integers(0, 12)


@st.composite
def models_and_histories(draw: st.DrawFn) -> tuple[Model, Histories]:
    model = draw(random.models())
    return model, draw(random.histories(draw(st.integers(0, 6)), len(model.products)))


def padded(items: list[int], k: int) -> list[int]:
    return items + [UNKNOWN] * (k - len(items))


@pytest.mark.parametrize("block", [1, 3, 1000])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=models_and_histories(), k=K)
def test_each_gets_what_is_served(
    asked: tuple[Model, Histories], k: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_lists, "_BLOCK_INTERACTIONS", block)
    model, histories = asked
    found = many_lists.recommended_items(model, histories, k)
    assert found.shape == (histories.n_users, k)
    for user, row in enumerate(found.tolist()):
        served = answers.recommend(model, histories.alone(user), k).answers
        may_come_again = histories.again is not None
        assert row == padded([answer.item_idx for answer in served if may_come_again or not answer.seen], k)


@given(models_and_histories(), K)
def test_each_gets_the_most_popular_that_may_be_listed(asked: tuple[Model, Histories], k: int) -> None:
    model, histories = asked
    everything = [answer.item_idx for answer in answers.popular(model, model.n_listable).answers]
    for user, row in enumerate(many_lists.popular_lists(model, histories, k).tolist()):
        known = set(histories.of(user)[0].tolist()) if histories.again is None else set()
        assert row == padded([item for item in everything if item not in known][:k], k)


def test_user_who_is_unknown_has_no_history() -> None:
    indptr, indices, weights = csr({0: {1: 0.5, 2: 1.0}, 2: {0: 2.0}}, 3)
    again = np.array([3.0, 4.0, 5.0], np.float32)
    histories = Histories(np.array(indptr, np.int64), np.array(indices, np.int32), np.array(weights, np.float32), again)
    picked = histories.of_users(np.array([2, UNKNOWN, 0, 1], np.int32))
    assert [picked.of(user)[0].tolist() for user in range(picked.n_users)] == [[0], [], [1, 2], []]
    assert picked.weights.tolist() == [2.0, 0.5, 1.0]
    assert picked.again is not None
    assert picked.again.tolist() == [5.0, 3.0, 4.0]
    assert picked.of_new_items().again is None
