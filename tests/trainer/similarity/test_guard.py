"""The guard against users with very many products."""

import logging

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.choosing.shops import pairs_of_users
from tests.trainer.evaluation.shops import day, events_of, some_settings
from tests.trainer.similarity.matrices import a_shop, matrices
from trainer.candidate import Background, make_candidate
from trainer.model_trainer import ModelTrainer
from trainer.similarity.guard import guarded, tell_busy_users
from trainer.step_clock import StepClock


def with_bot(user_items: sp.csr_matrix, user: int) -> sp.csr_matrix:
    dense = user_items.toarray()
    dense[user] = np.arange(1, dense.shape[1] + 1)
    return sp.csr_matrix(dense)


@given(matrices(), st.integers(1, 12))
def test_nobody_has_more_than_is_allowed_and_nothing_is_made_up(user_items: sp.csr_matrix, most: int) -> None:
    before, after = user_items.toarray(), guarded(user_items, most).toarray()
    assert np.array_equal((after != 0).sum(axis=1), np.minimum((before != 0).sum(axis=1), most))
    assert np.array_equal(after[after != 0], before[after != 0])


def test_matrix_without_such_users_is_left_as_it_is() -> None:
    user_items = a_shop(200, 50, 1_000)
    assert guarded(user_items, 50) is user_items


def test_sample_is_the_same_each_time_and_another_for_another_user() -> None:
    user_items = with_bot(with_bot(a_shop(200, 400, 2_000), 7), 8)
    first, second = guarded(user_items, 100), guarded(user_items, 100)
    assert np.array_equal(first.indices, second.indices)
    assert set(first[7].indices) != set(first[8].indices)


def test_sample_is_drawn_evenly() -> None:
    """Neither the products' order nor what they weigh decides."""
    user_items = with_bot(a_shop(50, 4_000, 2_000), 7)
    kept = guarded(user_items, 1_000)[7]
    assert abs(kept.indices.mean() - 2_000) < 150
    assert abs(kept.data.mean() - 2_000) < 150


def test_log_tells_how_many_there_were(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell_busy_users(a_shop(200, 400, 2_000), 300)
        assert not caplog.text
        tell_busy_users(with_bot(a_shop(200, 400, 2_000), 7), 300)
    assert "1 users have more than 300 products" in caplog.text


def test_a_run_says_it_once_however_many_matrices_it_makes(caplog: pytest.LogCaptureFixture) -> None:
    trainer = ModelTrainer(some_settings(recipe="auto", max_user_products=10))
    events = [events_of(pairs_of_users())]
    with caplog.at_level(logging.WARNING):
        make_candidate(trainer, events, Background(None, [], day(60)), StepClock())
    assert [record.getMessage() for record in caplog.records if "MAX_USER_PRODUCTS" in record.getMessage()] == [
        "400 users have more than 10 products: similarities take a sample of theirs (MAX_USER_PRODUCTS)"
    ]
