"""What a model says of itself."""

from dataclasses import replace

import numpy as np
import pytest

from model.histories import Histories
from tests.builders import a_model, integer_ids


def test_sparsity_is_the_share_of_pairs_without_an_interaction() -> None:
    model = a_model()
    assert model.histories.n_interactions == 8
    assert model.sparsity == pytest.approx(1 - 8 / 15)


def test_history_of_a_user_has_items_and_weights() -> None:
    items, weights = a_model().histories.of(1)
    assert items.tolist() == [1, 3]
    assert weights.tolist() == pytest.approx([2.0, 0.3])
    assert a_model().histories.n_users == 3


def test_model_without_users_is_all_sparse() -> None:
    nobody = Histories(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    assert replace(a_model(), users=integer_ids([]), histories=nobody).sparsity == 1.0


def test_popularity_ranks_with_ties_in_the_order_of_ids() -> None:
    model = a_model(popularity=[1.0, 4.0, 2.0, 4.0, 0.0])
    assert model.by_popularity.tolist() == [1, 3, 2, 0, 4]
    assert model.popularity_share.tolist() == [0.25, 1.0, 0.5, 1.0, 0.0]


def test_products_that_nobody_bought_have_no_share() -> None:
    assert not np.any(a_model(popularity=[0.0] * 5).popularity_share)
