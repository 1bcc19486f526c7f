"""Every list that neighbours fill on their own is the one that model.answers gives."""

from dataclasses import replace

import numpy as np
import pytest

from model.answers import AnswerList, Source, popular, recommend, similar
from model.full_lists import Listed, popular_in_full, recommend_in_full, similar_in_full
from model.histories import Histories
from model.model import Mask, Model
from tests.builders import a_model, integer_ids

N_USERS = 20
LENGTHS = (1, 3, 10, 60)


def a_shop(seed: int, n_items: int) -> Model:
    """Neighbours of any number, whose few different scores tie; seed 0 has scores of 0 and below, too."""
    random = np.random.default_rng(seed)

    def row(n_most: int, lowest: float) -> dict[int, float]:
        items = random.choice(n_items, int(random.integers(0, min(n_most, n_items))), replace=False)
        scores = np.round(random.uniform(lowest, 1, len(items)), 2)
        return {int(items[one]): float(scores[one]) for one in np.lexsort((items, -scores))}

    neighbours = {item: row(40, -0.2 if seed == 0 else 0.01) for item in range(n_items)}
    histories = {user: dict(sorted(row(30, 0.3).items())) for user in range(N_USERS)}
    return a_model(
        integer_ids(list(range(n_items))),
        integer_ids(list(range(N_USERS))),
        {item: {near: score for near, score in of.items() if near != item} for item, of in neighbours.items()},
        histories,
        random.random(n_items).tolist(),
    )


def masks(n_items: int) -> list[Mask | None]:
    return [None, np.random.default_rng(1).random(n_items) < 0.7]


def listed(found: AnswerList) -> Listed:
    return [answer.item_idx for answer in found.answers], [answer.score for answer in found.answers]


@pytest.fixture(params=[(0, 300), (1, 300), (2, 1000), (3, 7)], ids=str)
def shop(request: pytest.FixtureRequest) -> Model:
    return a_shop(*request.param)


def test_similar_products_are_those_of_the_whole_answer(shop: Model) -> None:
    n_full = 0
    for allowed in masks(len(shop.products)):
        for k in LENGTHS:
            for item in range(len(shop.products)):
                full, whole = similar_in_full(shop, item, k, allowed), similar(shop, item, k, allowed)
                if full is not None:
                    assert (full, whole.source, whole.confidence) == (listed(whole), Source.SIMILAR, 1.0)
                    n_full += 1
    assert n_full > len(shop.products)


def test_a_users_products_are_those_of_the_whole_answer(shop: Model) -> None:
    n_full = 0
    for allowed in masks(len(shop.products)):
        for k in LENGTHS:
            for user in range(N_USERS):
                history = shop.histories.alone(user)
                full, whole = recommend_in_full(shop, history, k, allowed), recommend(shop, history, k, allowed=allowed)
                if full is not None:
                    assert (full, whole.source, whole.confidence) == (listed(whole), Source.PERSONAL, 1.0)
                    assert not any(answer.seen or answer.borrowed for answer in whole.answers)
                    n_full += 1
    assert n_full > (5 if len(shop.products) < 10 else N_USERS * len(LENGTHS))


def test_popular_products_are_those_of_the_whole_answer(shop: Model) -> None:
    for allowed in masks(len(shop.products)):
        for k in (*LENGTHS, 2000):
            whole = popular(shop, k, allowed)
            assert popular_in_full(shop, k, allowed) == listed(whole)
            assert whole.confidence == 0


def test_what_a_history_may_hold_again_is_left_to_the_whole_answer(shop: Model) -> None:
    again = replace(shop.histories, again=np.ones(shop.histories.n_interactions, np.float32))
    assert recommend_in_full(shop, again.alone(0), 3) is None


def test_a_short_history_in_a_large_shop_is_left_to_the_whole_answer() -> None:
    n_items = 60_000
    near = {0: {1: 0.5, 2: 0.4}}
    shop = a_model(integer_ids(list(range(n_items))), neighbours=near, popularity=[1.0] * n_items, histories={})
    history = Histories.one(np.array([0], np.int32), np.ones(1, np.float32))
    assert recommend_in_full(shop, history, 2) is None
    assert listed(recommend(shop, history, 2))[0] == [1, 2]
