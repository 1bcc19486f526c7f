"""What a model says of itself."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from model.answers import popular, recommend, similar
from model.codec import read_model, write_model
from model.figures import Figures
from model.histories import Histories
from model.ids import Ids
from tests.builders import a_model, integer_ids, string_ids


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


@pytest.mark.parametrize(
    "users", [integer_ids([1, 2, 3]), string_ids(["anna", "bert", "cleo"])], ids=["integers", "strings"]
)
def test_model_without_histories_knows_nobody_and_answers_all_else_as_before(tmp_path: Path, users: Ids) -> None:
    full = a_model(users=users)
    write_model(full.without_histories(), tmp_path / "bare")
    bare = read_model(tmp_path / "bare")
    assert (full.keeps_histories, bare.keeps_histories) == (True, False)
    assert (len(bare.users), bare.users.find(users.at(0)), bare.histories.n_interactions) == (0, None, 0)
    assert b"anna" not in (tmp_path / "bare").read_bytes()
    session = Histories.one(np.array([0], np.int32), np.array([1.0], np.float32))
    assert popular(bare, 5) == popular(full, 5)
    assert similar(bare, 0, 5) == similar(full, 0, 5)
    assert recommend(bare, session, 5) == recommend(full, session, 5)


def test_lists_of_what_users_come_back_for_stay_so_without_histories(tmp_path: Path) -> None:
    full = a_model()
    again = replace(full.histories, again=np.ones(8, np.float32))
    write_model(replace(full, histories=again).without_histories(), tmp_path / "bare")
    kept = read_model(tmp_path / "bare").histories.again
    assert kept is not None
    assert len(kept) == 0


def test_figures_of_a_model_without_histories_are_those_of_its_training() -> None:
    full = a_model()
    told = asdict(Figures.of(full))
    assert Figures.as_trained(full.without_histories(), told) == Figures.as_trained(full, {}) == Figures.of(full)
