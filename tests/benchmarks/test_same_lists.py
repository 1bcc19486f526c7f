"""With the same neighbours, implicit gives every user the same products in the same order.

Scores that are equal in float32, in which a model's are, are ties, and the order of ties is anybody's choice: ours is
the order of products, implicit's comes of its heap.
"""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.shop_of_tastes import ShopOfTastes, events_of, tastes_of
from model.answers import Source, recommend
from model.model import Model
from trainer.building import assembled
from trainer.matrix import build_user_items
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

K = 10
REMEDY = "implicit is not installed (pip install implicit)"
SHOP = ShopOfTastes(users=2000, products=800, categories=20)
Scores = NDArray[np.float32]


class Implicit:
    """implicit's recommender with the neighbours of a model as its similarity matrix."""

    def __init__(self, model: Model) -> None:
        pytest.importorskip("implicit", reason=REMEDY)
        from implicit.nearest_neighbours import (  # noqa: PLC0415 (skipped where it is missing)
            ItemItemRecommender,
            NearestNeighboursScorer,
        )

        near, known, n = model.neighbours, model.histories, len(model.products)
        self._histories = sp.csr_matrix(
            (known.weights.astype(np.float64), known.indices, known.indptr), (len(model.users), n)
        )
        self._recommender = ItemItemRecommender()
        self._recommender.similarity = sp.csr_matrix(
            (near.scores.astype(np.float64), near.indices, near.indptr), (n, n)
        )
        self._recommender.scorer = NearestNeighboursScorer(self._recommender.similarity)

    def recommend(self, user: int, n: int) -> tuple[list[int], Scores]:
        ids, scores = self._recommender.recommend(user, self._histories[user], N=n, filter_already_liked_items=True)
        return ids.tolist(), scores.astype(np.float32)


@pytest.fixture(scope="module")
def model() -> Model:
    events = events_of(SHOP, tastes_of(SHOP))
    user_items = build_user_items(events)
    near = neighbours_by(COSINE, user_items, Limits(3, 50), threads=2)
    return assembled(events.products, events.users, user_items, near)


@pytest.fixture(scope="module")
def implicit(model: Model) -> Implicit:
    return Implicit(model)


def personal(model: Model, user: int) -> tuple[list[int], list[float]]:
    """A user's list, without what fills it up: implicit has nothing of the kind."""
    answers = recommend(model, model.histories.alone(user), K).answers
    own = [answer for answer in answers if answer.source is Source.PERSONAL and not answer.seen]
    return [answer.item_idx for answer in own], [answer.score for answer in own]


def test_every_list_has_the_same_products_in_the_same_order(model: Model, implicit: Implicit) -> None:
    n_compared = 0
    for user in range(len(model.users)):
        # One more: a tie across the end of a list is a tie, too.
        theirs, scores = implicit.recommend(user, K + 1)
        if all(one != following for one, following in pairwise(scores.tolist())):
            assert personal(model, user)[0] == theirs[:K], f"user {user}"
            n_compared += 1
    assert n_compared > 0.95 * len(model.users)


def test_the_others_differ_in_the_order_of_equals_alone(model: Model, implicit: Implicit) -> None:
    for user in range(len(model.users)):
        theirs, scores = implicit.recommend(user, len(model.products))
        score_of = dict(zip(theirs, scores.tolist(), strict=True))
        items, our_scores = personal(model, user)
        assert our_scores == scores[:K].tolist(), f"user {user}"
        assert [score_of[item] for item in items] == our_scores, f"user {user}"
