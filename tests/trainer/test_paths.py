"""KINDS=paths: what leads to purchases, held against whole matrices of (kind, product)."""

from typing import Any, Final

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from model.neighbours import Neighbours
from tests.trainer.evaluation.shops import Row, a_shop, day, events_of, some_settings
from tests.trainer.similarity import brute_force
from trainer.events import Events
from trainer.kinds import Paths, by_kind
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

BOTH: Final = ("purchase", "view")
N_PRODUCTS: Final = 60
Floats = NDArray[np.float64]


def paths(**settings: Any) -> TrainerSettings:  # noqa: ANN401 (fields of TrainerSettings)
    return some_settings(kinds="paths", **settings)


def made(events: Events, settings: TrainerSettings, own: type[ModelTrainer] = ModelTrainer) -> Neighbours:
    kinds = by_kind(events, settings)
    assert isinstance(kinds, Paths)
    return kinds.neighbours(own(settings))


def whole(events: Events, repeats: str) -> sp.csr_matrix:
    """How often each user had each (kind, product), purchases before views."""
    known = np.zeros((len(events.users), 2 * len(events.products)))
    np.add.at(known, (events.user_idx, events.item_idx + len(events.products) * events.kind.astype(int)), 1)
    return sp.csr_matrix((known > 0 if repeats == "binary" else known).astype(np.float32))


def folded(scores: Floats, n: int, k: int) -> Floats:
    """Add up the best k purchases of others that each (kind, product) leads to, and keep the best k."""
    total = np.zeros((n, n))
    for kind in (0, 1):
        led = scores[kind * n : (kind + 1) * n, :n].copy()
        np.fill_diagonal(led, 0)
        total += best_of_rows(led, k)
    return best_of_rows(total, k)


def best_of_rows(scores: Floats, k: int) -> Floats:
    kept = np.zeros_like(scores)
    for item, row in enumerate(scores):
        best = np.lexsort((np.arange(len(row)), -row.astype(np.float32)))[:k]
        kept[item, best] = row[best]
    return kept


def dense(found: Neighbours) -> Floats:
    n = found.n_items
    return np.asarray(sp.csr_matrix((found.scores, found.indices, found.indptr), shape=(n, n)).todense(), np.float64)


SCORES: Final = {
    "cosine": (brute_force.cosines, 0.0),
    "jaccard": (brute_force.jaccard, 0.0),
    "conditional_probability": (brute_force.conditional_probability, 0.0),
    "log_likelihood_ratio": (brute_force.log_likelihood_ratio, 0.0),
}


@pytest.mark.parametrize("recipe", SCORES)
@pytest.mark.parametrize(("repeats", "view_weight", "k"), [("sum", 0.3, 100), ("binary", 2.0, 100), ("sum", 0.7, 6)])
def test_scores_are_those_of_all_pairs_by_brute_force(recipe: str, repeats: str, view_weight: float, k: int) -> None:
    events = a_shop().weighed_by_kind(np.array([1, view_weight / 0.3], np.float32))
    scores_of, exponent = SCORES[recipe]
    n, rows = N_PRODUCTS, brute_force.best_by(scores_of, whole(events, repeats), 2, 1000, exponent)
    scores = np.zeros((2 * n, 2 * n))
    for pair, row in enumerate(rows):
        for other, score in row:
            scores[pair, other] = score
    found = made(events, paths(recipe=recipe, repeats=repeats, view_weight=view_weight, neighbours=k))
    expected = folded(scores, n, k)
    assert dense(found) == pytest.approx(expected, rel=1e-5)
    assert found.n_pairs == np.count_nonzero(expected) > 300


def test_local_ridge_weighs_all_that_is_near_to_a_purchase_and_gives_purchases_only() -> None:
    events, n = a_shop(), N_PRODUCTS
    scores = brute_force.local_ridge(whole(events, "sum"), 2, ridge=10.0, m=40)
    found = dense(made(events, paths(recipe="local_ridge", ridge_nearest=40, neighbours=100)))
    assert found == pytest.approx(folded(scores, n, 100), rel=1e-2, abs=2e-5)
    assert np.count_nonzero(found) > 300


def test_views_lead_to_what_was_bought_and_nothing_leads_to_what_was_looked_at() -> None:
    """All look at 1 and 2, and buy 3 and 4."""
    rows: list[Row] = [(user, item, 1.0, "view") for user in range(6) for item in (1, 2)]
    rows += [(user, item, 2.0, "purchase") for user in range(6) for item in (3, 4)]
    found = made(events_of(rows, BOTH), paths())
    assert [found.row(item)[0].tolist() for item in range(4)] == [[2, 3], [2, 3], [3], [2]]
    assert found.row(0)[1].tolist() == pytest.approx([1.0, 1.0])
    assert found.row(2)[1].tolist() == pytest.approx([1.0])


def test_a_products_own_purchase_takes_no_place_of_another() -> None:
    """All look at 1 and buy it, and then 2: views of 1 lead to 1 before all."""
    rows: list[Row] = [(user, 1, 1.0, kind) for user in range(6) for kind in BOTH]
    rows += [(user, 2, 2.0, "purchase") for user in range(5)]
    found = made(events_of(rows, BOTH), paths(neighbours=1))
    assert [found.row(item)[0].tolist() for item in range(2)] == [[1], [0]]
    assert found.row(0)[1].tolist() == pytest.approx([2 * np.sqrt(5 / 6)])


def test_events_fade_by_the_age_of_all_and_only_up_to_the_cut() -> None:
    rows: list[Row] = [(1, 1, 0.0), (1, 2, 10.0), (1, 1, 20.0, "view"), (1, 2, 30.0, "view")]
    found = by_kind(events_of(rows, BOTH), paths(half_life_days=10), int(day(20).timestamp()))
    assert isinstance(found, Paths)
    assert found.user_items.toarray() == pytest.approx(np.array([[0.25, 0.5, 1.0, 0.0]]), rel=1e-3)


def test_kinds_without_weight_lead_nowhere_and_purchases_may_come_last() -> None:
    rows: list[Row] = [(user, item, 1.0, "view") for user in range(6) for item in (1, 2)]
    rows += [(user, item, 2.0, "purchase") for user in range(6) for item in (3, 4)]
    weightless = made(events_of(rows, BOTH), paths(view_weight=0.0))
    assert [weightless.row(item)[0].tolist() for item in range(4)] == [[], [], [3], [2]]
    last = made(events_of(rows, ("view", "purchase")), paths())
    assert [last.row(item)[0].tolist() for item in range(4)] == [[2, 3], [2, 3], [3], [2]]


def test_similarities_of_a_shops_own_are_made_of_kinds_and_products_and_lead_to_purchases() -> None:
    class Own(ModelTrainer):
        def train(self, user_items: sp.csr_matrix) -> sp.csr_matrix:
            return sp.csr_matrix(user_items.T @ user_items)

    rows: list[Row] = [(1, 1, 1.0, "view"), (1, 2, 1.0, "view"), (1, 3, 2.0), (1, 1, 2.0)]
    found = made(events_of(rows, BOTH), paths(), Own)
    assert [found.row(item)[0].tolist() for item in range(3)] == [[2], [0, 2], [0]]
