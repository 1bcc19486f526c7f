"""How far two models agree on which products belong together."""

import pytest

from model.overlap import NEIGHBOURS, PRODUCTS, neighbour_overlap, popular_neighbours
from tests.builders import a_connected_model, a_model, integer_ids, string_ids


def test_model_keeps_all_of_its_own_neighbours() -> None:
    assert neighbour_overlap(a_model(), a_model()) == 1


def test_share_is_the_mean_over_the_products_before() -> None:
    """10 keeps one of two, 20 its only one, 30 none; 40 and 50 had none."""
    after = a_model(neighbours={0: {1: 0.9, 3: 0.5}, 1: {0: 0.9}, 2: {3: 0.5}, 3: {4: 0.1}})
    assert neighbour_overlap(a_model(), after) == pytest.approx((0.5 + 1 + 0) / 3)


def test_product_that_is_gone_keeps_none_and_ids_count_not_positions() -> None:
    after = a_model(products=integer_ids([5, 10, 20, 30, 40]), neighbours={1: {2: 0.9, 3: 0.5}, 2: {1: 0.9}})
    assert neighbour_overlap(a_model(), after) == pytest.approx((1 + 1 + 0) / 3)
    as_text = a_model(products=string_ids(["10", "20", "30", "40", "50"]))
    assert neighbour_overlap(a_model(), as_text) == 1


def test_without_a_neighbour_there_is_nothing_to_keep() -> None:
    assert neighbour_overlap(a_model(neighbours={0: {}}), a_model()) is None


def test_ten_best_neighbours_of_the_most_popular_products_count() -> None:
    n = PRODUCTS + 20
    near = {item: {(item + step) % n: 1 / step for step in range(1, NEIGHBOURS + 3)} for item in range(n)}
    model = a_model(integer_ids(list(range(n))), neighbours=near, histories={0: {0: 1.0}})
    best = popular_neighbours(model)
    assert (len(best), min(map(int, best))) == (PRODUCTS, 20)
    assert best["100"] == {str(number) for number in range(101, 111)}


def test_another_step_keeps_what_both_have() -> None:
    assert neighbour_overlap(a_connected_model(), a_connected_model(step=5)) == pytest.approx(4 / 6)
