"""The compiled lists against those that are served."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.histories import Histories
from model.ids import IntegerIds
from model.many_lists import recommended_items
from model.model import Model
from model.neighbours import Neighbours
from runtime.errors import RecommenderError
from tests.model import random_models as random
from trainer import listing
from trainer.kernel.lists import History, Listed, fill_up, list_reached
from trainer.listing import Asking, personal_lists


@st.composite
def models_and_histories(draw: st.DrawFn) -> tuple[Model, Histories]:
    model = draw(random.models())
    return model, draw(random.histories(draw(st.integers(0, 6)), len(model.products)))


def compiled(model: Model, histories: Histories, k: int) -> np.ndarray:
    found = np.full((histories.n_users, k), -1, np.int32)
    rows = Listed.of(model.neighbours), History.of(histories)
    list_reached(*rows, (0, histories.n_users), found)
    fill_up(model.by_popularity, rows[1], (0, histories.n_users), found)
    return found


@given(models_and_histories(), st.integers(1, 12))
def test_each_user_gets_what_is_served(asked: tuple[Model, Histories], k: int) -> None:
    model, histories = asked
    without_loans = replace(model, borrowed=None, catalogue=None)
    assert np.array_equal(compiled(without_loans, histories, k), recommended_items(without_loans, histories, k))
    assert np.array_equal(personal_lists(model, histories, Asking(k, 1)), compiled(without_loans, histories, k))


def a_large_model() -> tuple[Model, Histories]:
    """Scores of all signs and sizes, whose sums depend on the order in which they add up."""
    rng, n_items, n_users = np.random.default_rng(5), 400, 150
    indptr = np.arange(0, 30 * n_items + 1, 30)
    indices = np.concatenate([np.setdiff1d(rng.permutation(n_items)[:31], [i])[:30] for i in range(n_items)])
    scores = (rng.normal(size=len(indices)) * 10.0 ** rng.integers(-6, 6, len(indices))).astype(np.float32)
    neighbours = Neighbours(indptr.astype(np.int64), indices.astype(np.int32), scores)
    sizes = rng.integers(0, 60, n_users)
    items = np.concatenate([rng.permutation(n_items)[:size] for size in sizes]).astype(np.int32)
    weights = rng.random(len(items)).astype(np.float32)
    histories = Histories(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), items, weights)
    ids = IntegerIds(np.arange(n_items, dtype=np.int64))
    return Model(ids, ids, neighbours, histories, rng.random(n_items).astype(np.float32)), histories


@pytest.mark.parametrize("k", [1, 10, 500])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_lists_are_those_that_are_served_to_the_last_bit(k: int, threads: int) -> None:
    model, histories = a_large_model()
    assert np.array_equal(personal_lists(model, histories, Asking(k, threads)), recommended_items(model, histories, k))


def test_list_that_differs_from_the_served_one_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    model, histories = a_large_model()
    monkeypatch.setattr(listing, "list_reached", lambda *_: None)
    with pytest.raises(RecommenderError, match="differ from those that are served"):
        personal_lists(model, histories, Asking(10, 2))
