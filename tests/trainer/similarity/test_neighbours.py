"""The pass over all pairs against its brute-force twin."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from model.neighbours import Neighbours
from tests.trainer.similarity.brute_force import cosine, rows_of
from tests.trainer.similarity.matrices import a_shop, matrices
from tests.trainer.similarity.spilled import blocks_of, bytes_of
from trainer.arrays.scratch import IN_MEMORY, InMemory, Scratch
from trainer.kernel import pairs
from trainer.kernel.order import MOST_COMPARED
from trainer.similarity import layout, pairing
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import COSINE, Limits

THREADS = (1, 2, 4)
A_SHOP = a_shop(3_000, 1_000, 12_000)


def found_in(
    user_items: sp.csr_matrix, min_co_occurrence: int, k: int, threads: int = 2, scratch: Scratch = IN_MEMORY
) -> Neighbours:
    return neighbours_by(COSINE, user_items, Limits(min_co_occurrence, k), threads=threads, scratch=scratch)


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
    csr = layout.csr_of(A_SHOP)
    with ThreadPoolExecutor(1) as pool:
        workers = layout.Workers.for_users_of(csr[0], pool, 1)
        ranking = layout.Ranking.of(csr, A_SHOP.shape[1], 3, workers)
        block = layout.Block.of(csr, ranking, (0, len(ranking.items)), workers, InMemory())
        additions = block.lists_against(block, workers).additions
    are_looked_through = additions * pairs.ITEMS_AN_ADDITION >= np.arange(len(additions))
    assert 50 < are_looked_through.sum() < len(additions) - 50


@pytest.mark.parametrize("weights", [(0.3, 1.0, 1.3), (0.017, 1.0, 9.3)])
def test_any_number_of_threads_gives_the_same_bits(weights: tuple[float, ...]) -> None:
    user_items = a_shop(2_000, 500, 30_000, weights)
    assert found_in(user_items, 2, 20).n_pairs > 5_000
    assert len({bytes_of(found_in(user_items, 2, 20, threads)) for threads in THREADS}) == 1


@pytest.mark.parametrize(("name", "value"), [("_FEWEST_ROUNDS", 1), ("_FEWEST_ROUNDS", 60), ("_GROUPS_A_WORKER", 9)])
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


@given(matrices(), st.integers(1, 4), st.integers(1, 30), st.sampled_from(THREADS))
def test_blocks_on_disk_give_what_one_in_memory_gives(
    user_items: sp.csr_matrix, min_co_occurrence: int, interactions_a_block: int, threads: int
) -> None:
    on_disk = blocks_of(interactions_a_block)
    found = found_in(user_items, min_co_occurrence, 5, threads, on_disk)
    assert bytes_of(found) == bytes_of(found_in(user_items, min_co_occurrence, 5))


@pytest.mark.parametrize("weights", [(0.3, 1.0, 1.3), (0.017, 1.0, 9.3)])
@pytest.mark.parametrize("interactions_a_block", [300, 2_000, 10_000])
def test_blocks_of_a_shop_give_the_same_bits(interactions_a_block: int, weights: tuple[float, ...]) -> None:
    user_items = a_shop(2_000, 500, 30_000, weights)
    found = found_in(user_items, 2, 20, scratch=blocks_of(interactions_a_block))
    assert bytes_of(found) == bytes_of(found_in(user_items, 2, 20))


def test_blocks_are_cut_as_small_as_is_asked_for() -> None:
    """Or the tests above would compare one block with itself."""
    csr = layout.csr_of(A_SHOP)
    with ThreadPoolExecutor(1) as pool:
        ranking = layout.Ranking.of(csr, A_SHOP.shape[1], 3, layout.Workers.for_users_of(csr[0], pool, 1))
    sizes = [int(ranking.n_users[first:last].sum()) for first, last in ranking.cut(1_000)]
    assert len(sizes) > 8
    assert max(sizes) <= 1_000 + ranking.n_users.max()


def test_lists_of_users_are_in_order_however_long_they_are() -> None:
    """Short ones are put in order by comparing all with all, others are sorted."""
    user_items = a_shop(60, 900, 20_000)
    lengths = np.diff(user_items.indptr)
    assert lengths.min() < MOST_COMPARED < lengths.max()
    assert rows_of(found_in(user_items, 1, 30)) == cosine(user_items, 1, 30)


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
