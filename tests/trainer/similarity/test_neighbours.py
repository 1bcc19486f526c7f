"""The pass over all pairs against its brute-force twin."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.neighbours import Neighbours
from tests.trainer.similarity.brute_force import cosine, rows_of
from tests.trainer.similarity.matrices import a_shop, matrices
from trainer.kernel import pairs
from trainer.similarity import layout, pairing
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE

THREADS = (1, 2, 4)
A_SHOP = a_shop(3_000, 1_000, 12_000)


def found_in(user_items: sp.csr_matrix, min_co_occurrence: int, k: int, threads: int = 2) -> Neighbours:
    return neighbours_by(COSINE, user_items, min_co_occurrence=min_co_occurrence, k=k, threads=threads)


def bytes_of(neighbours: Neighbours) -> bytes:
    return b"".join(array.tobytes() for array in (neighbours.indptr, neighbours.indices, neighbours.scores))


@given(matrices(), st.integers(1, 4), st.integers(1, 14), st.sampled_from(THREADS))
def test_rows_are_those_of_the_twin(user_items: sp.csr_matrix, min_co_occurrence: int, k: int, threads: int) -> None:
    found = found_in(user_items, min_co_occurrence, k, threads)
    assert rows_of(found) == cosine(user_items, min_co_occurrence, k)


@given(matrices(weights=(1e-30, 1e-3, 0.3, 1.0, 1e30), most=8), st.integers(1, 3))
def test_scores_are_those_of_the_twin_whatever_the_weights(user_items: sp.csr_matrix, min_co_occurrence: int) -> None:
    found = rows_of(found_in(user_items, min_co_occurrence, 8))
    for row, expected in zip(found, cosine(user_items, min_co_occurrence, 8), strict=True):
        assert np.allclose([score for _, score in row], [score for _, score in expected], rtol=1e-6, atol=1e-44)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("k", [1, 10, 1000])
def test_rows_of_a_shop_are_those_of_the_twin(threads: int, k: int) -> None:
    user_items = A_SHOP
    assert rows_of(found_in(user_items, 3, k, threads)) == cosine(user_items, 3, k)


def test_rows_are_looked_through_and_walked_again() -> None:
    """Or the tests above would try one way only."""
    with ThreadPoolExecutor(1) as pool:
        lists = layout.laid_out(A_SHOP, 3, layout.Workers(pool, 1)).lists
    are_looked_through = lists.additions * pairs.ITEMS_AN_ADDITION >= np.arange(len(lists.additions))
    assert 50 < are_looked_through.sum() < len(lists.additions) - 50


@pytest.mark.parametrize("weights", [(0.3, 1.0, 1.3), (0.017, 1.0, 9.3)])
def test_any_number_of_threads_gives_the_same_bits(weights: tuple[float, ...]) -> None:
    user_items = a_shop(2_000, 500, 30_000, weights)
    assert found_in(user_items, 2, 20).n_pairs > 5_000
    assert len({bytes_of(found_in(user_items, 2, 20, threads)) for threads in THREADS}) == 1


@pytest.mark.parametrize(("name", "value"), [("_FEWEST_ROUNDS", 1), ("_FEWEST_ROUNDS", 60), ("_BLOCKS_A_WORKER", 9)])
def test_result_does_not_depend_on_how_work_is_shared(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    user_items = a_shop(2_000, 500, 30_000)
    expected = bytes_of(found_in(user_items, 2, 5))
    monkeypatch.setattr(pairing, name, value)
    assert bytes_of(found_in(user_items, 2, 5)) == expected


def test_room_for_few_offers_makes_more_rounds_of_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    user_items = a_shop(2_000, 500, 30_000)
    expected = bytes_of(found_in(user_items, 2, 50))
    monkeypatch.setattr(pairs, "_FEWEST_OFFERS", 1)
    assert bytes_of(found_in(user_items, 2, 50)) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(user_items=matrices())
def test_places_of_64_bits_give_what_those_of_32_bits_give(
    user_items: sp.csr_matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from 2^32 interactions on."""
    expected = bytes_of(found_in(user_items, 1, 5))
    with monkeypatch.context() as patched:
        patched.setattr(layout, "_PLACES_OF_32_BITS", 0)
        assert bytes_of(found_in(user_items, 1, 5)) == expected


def test_similarity_is_the_same_seen_from_either_side() -> None:
    rows = rows_of(found_in(a_shop(300, 40, 2_000, (0.3, 1.0, 1.7)), 1, 40))
    scores = {(i, j): score for i, row in enumerate(rows) for j, score in row}
    assert all(score == scores[j, i] for (i, j), score in scores.items())


def test_pairs_below_the_co_occurrence_threshold_are_left_out() -> None:
    together_five_times = np.zeros((9, 3), np.float32)
    together_five_times[:5, :2] = 1  # items 0 and 1 share five users
    together_five_times[:4, 2] = 1  # item 2 shares four with each of them
    neighbours = found_in(sp.csr_matrix(together_five_times), 5, 10)
    assert rows_of(neighbours) == [[(1, np.float32(1.0))], [(0, np.float32(1.0))], []]


def test_equal_scores_are_ordered_by_item() -> None:
    neighbours = found_in(sp.csr_matrix(np.ones((6, 30), np.float32)), 5, 4)
    assert neighbours.row(0)[0].tolist() == [1, 2, 3, 4]
    assert neighbours.row(29)[0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize(
    "user_items",
    [
        sp.csr_matrix(np.zeros((0, 0), np.float32)),
        sp.csr_matrix(np.zeros((5, 0), np.float32)),
        sp.csr_matrix(np.zeros((0, 5), np.float32)),
        sp.csr_matrix(np.zeros((50, 20), np.float32)),
        sp.csr_matrix(np.ones((60, 1), np.float32)),
    ],
    ids=["nothing", "no item", "no user", "no interaction", "one item"],
)
def test_where_there_are_no_pairs_there_are_no_neighbours(user_items: sp.csr_matrix, threads: int) -> None:
    neighbours = found_in(user_items, 1, 10, threads)
    assert (neighbours.n_items, neighbours.n_pairs) == (user_items.shape[1], 0)


def test_user_with_every_product_and_product_with_every_user() -> None:
    user_items = a_shop(400, 60, 1_500).tolil()
    user_items[7, :] = 1.0
    user_items[:, 11] = 0.5
    user_items[[3, 90], :] = 0  # empty rows, and an empty column
    user_items[:, 12] = 0
    matrix = user_items.tocsr()
    matrix.eliminate_zeros()
    assert rows_of(found_in(matrix, 1, 100)) == cosine(matrix, 1, 100)


def test_cancelled_weights_make_no_neighbour() -> None:
    user_items = sp.csr_matrix(np.array([[1, -1, 1], [1, 1, 1], [1, -1, 0]], np.float32))
    assert rows_of(found_in(user_items, 1, 5)) == cosine(user_items, 1, 5)
    assert [item for item, _ in rows_of(found_in(user_items, 1, 5))[1]] == []


def columns(*users_of: range | list[int]) -> sp.csr_matrix:
    """Make a matrix of items that have these users, each with weight 1."""
    matrix = np.zeros((20, len(users_of)), np.float32)
    for item, users in enumerate(users_of):
        matrix[list(users), item] = 1
    return sp.csr_matrix(matrix)


def test_lower_item_wins_a_tie_that_it_comes_late_to() -> None:
    """Items are compared by falling number of users: 2 before 0 before 1, and all that 1 has in common scores 0.5."""
    shop = columns([0, 1, 4, 5], range(4), range(16))
    assert found_in(shop, 1, 1).row(1)[0].tolist() == [0]


def test_lower_item_wins_a_tie_that_it_is_offered_late_to() -> None:
    """Item 1 finds item 2, with 4 users, before item 0, with one; both score 0.5."""
    shop = columns([0], range(4), [2, 3, 4, 5])
    assert found_in(shop, 1, 1).row(1)[0].tolist() == [0]
