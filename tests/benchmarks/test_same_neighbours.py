"""The check that the script and the trainer agree, and that the script passes it."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.same_neighbours import first_difference, sampled_items
from model.neighbours import Neighbours
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

REMEDY = "scikit-learn is not installed (pip install scikit-learn)"
ITEMS = np.arange(3)


def matrix(rows: list[list[float]]) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(rows, np.float32))


SCORES = [[0, 0.5, 0.25], [0.5, 0, 0], [0.25, 0, 0]]


def test_same_scores_are_no_difference() -> None:
    assert first_difference(Neighbours.from_matrix(matrix(SCORES), 2), matrix(SCORES), ITEMS) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ([[0, 0.5, 0.2501], *SCORES[1:]], "product 0 has scores that are 0.0001 apart"),
        ([[0, 0.25, 0.5], *SCORES[1:]], "product 0 has scores that are 0.25 apart"),
        ([SCORES[0], [0.5, 0, 0.1], SCORES[2]], "product 1 has 1 neighbours here, 2 there"),
        ([SCORES[0], SCORES[1], [0, 0.25, 0]], None),
    ],
)
def test_first_product_that_differs_is_named(changed: list[list[float]], why: str | None) -> None:
    """The last case: an only neighbour is the last one too, and another one with its score is as good."""
    assert first_difference(Neighbours.from_matrix(matrix(SCORES), 2), matrix(changed), ITEMS) == why


def test_neighbour_that_only_one_side_knows_is_a_difference_where_it_is_not_the_last() -> None:
    ours = matrix([[0, 0.5, 0, 0.25], [0] * 4, [0] * 4, [0] * 4])
    theirs = matrix([[0, 0, 0.5, 0.25], [0] * 4, [0] * 4, [0] * 4])
    why = first_difference(Neighbours.from_matrix(ours, 2), theirs, np.arange(4))
    assert why in {f"product 0 has the neighbour {item} on one side only" for item in (1, 2)}


def test_only_products_that_have_a_neighbour_are_drawn() -> None:
    neighbours = Neighbours.from_matrix(matrix([[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]), 2)
    assert sampled_items(neighbours, 10).tolist() == [0, 1]
    assert len(sampled_items(neighbours, 1)) == 1


def test_other_number_of_products_is_a_difference() -> None:
    why = first_difference(Neighbours.from_matrix(matrix(SCORES), 2), sp.csr_matrix((4, 4)), ITEMS)
    assert why == "3 products here, 4 there"


def test_script_finds_the_trainer_s_neighbours() -> None:
    pytest.importorskip("sklearn", reason=REMEDY)
    from benchmarks.straightforward_script import find_neighbours  # noqa: PLC0415 (skipped where it is missing)

    user_items = sp.csr_matrix(sp.random(400, 300, 0.1, dtype=np.float32, random_state=0))
    ours = neighbours_by(COSINE, user_items, Limits(5, 100), threads=2)
    items = sampled_items(ours, 300)
    assert len(items) > 200
    assert first_difference(ours, find_neighbours(user_items), items) is None
