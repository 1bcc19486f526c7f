"""The answers by which a replica shows that it serves a model."""

from dataclasses import replace

import numpy as np

from model.answers import similar
from model.golden import golden_answers, wrong_answer
from tests.builders import a_connected_model, a_model, integer_ids

EVERYONE_NEAR_EVERYONE = {item: {(item + step) % 8: 1.0 - 0.1 * step for step in range(1, 7)} for item in range(8)}


def test_golden_answers_are_what_a_replica_says_of_the_most_popular_products() -> None:
    popularity = [5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 8.0, 7.0]
    model = a_model(integer_ids(list(range(80, 88))), neighbours=EVERYONE_NEAR_EVERYONE, popularity=popularity)
    golden = golden_answers(model)
    assert [answer.product_id for answer in golden] == ["85", "86", "87", "80", "82"]
    for answer in golden:
        item = model.products.find(answer.product_id)
        assert item is not None
        served = similar(model, item, 5).answers
        assert answer.similar == tuple(model.products.at(one.item_idx) for one in served)
        assert np.allclose(answer.scores, [one.score for one in served])


def test_products_with_few_neighbours_are_not_asked_for() -> None:
    near = dict(EVERYONE_NEAR_EVERYONE) | {5: {1: 0.5}}
    popularity = [5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 8.0, 7.0]
    model = a_model(integer_ids(list(range(80, 88))), neighbours=near, popularity=popularity)
    assert "85" not in [answer.product_id for answer in golden_answers(model)]
    assert golden_answers(a_model()) == ()


def test_model_says_what_it_said_and_another_does_not() -> None:
    model = a_connected_model()
    golden = golden_answers(model)
    assert wrong_answer(model, golden) is None
    other = wrong_answer(a_connected_model(step=5), golden)
    assert other == "on product 11 it says 4, 9, 2, 7, 0, and said 0, 1, 2, 3, 4"
    assert wrong_answer(a_model(), golden) == "it knows no product 11"


def test_another_score_is_a_wrong_answer_and_a_rounded_one_is_none() -> None:
    model = a_connected_model()
    near = model.neighbours
    rounded = replace(model, neighbours=replace(near, scores=near.scores * np.float32(1 + 2e-6)))
    assert wrong_answer(rounded, golden_answers(model)) is None
    halved = replace(model, neighbours=replace(near, scores=(near.scores / 2).astype(np.float32)))
    said = wrong_answer(halved, golden_answers(model))
    assert said == "on product 11 0 has score 0.4455445, and had 0.8910891"
