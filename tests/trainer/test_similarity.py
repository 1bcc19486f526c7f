"""The kernel against its brute-force twin."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from model.neighbours import Neighbours
from trainer.similarity import cosine_neighbours


def brute_force(user_items: sp.csr_matrix, min_co_occurrence: int, k: int) -> list[list[tuple[int, np.float32]]]:
    """Give each item's neighbours and scores, by dense float64 arithmetic and a full sort."""
    dense = user_items.toarray().astype(np.float64)
    known = np.zeros_like(dense)
    coo = user_items.tocoo()
    known[coo.row, coo.col] = 1
    norms = np.sqrt((dense**2).sum(0))
    result = []
    for i in range(dense.shape[1]):
        together = (known * known[:, [i]]).sum(0)
        row = []
        for j in range(dense.shape[1]):
            dot = float(sum(dense[u, i] * dense[u, j] for u in range(dense.shape[0])))
            if j != i and together[j] >= min_co_occurrence and dot > 0:
                row.append((j, np.float32(dot * ((1 / norms[i]) * (1 / norms[j])))))
        result.append(sorted(row, key=lambda pair: (-pair[1], pair[0]))[:k])
    return result


def rows_of(neighbours: Neighbours) -> list[list[tuple[int, np.float32]]]:
    rows = [neighbours.row(i) for i in range(neighbours.n_items)]
    return [list(zip(items.tolist(), scores, strict=True)) for items, scores in rows]


@st.composite
def matrices(draw: st.DrawFn) -> sp.csr_matrix:
    n_users, n_items = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    weights = st.sampled_from([0.0, 0.0, 1.0, 0.3, 2.6, 1e-3])
    cells = draw(st.lists(weights, min_size=n_users * n_items, max_size=n_users * n_items))
    return sp.csr_matrix(np.array(cells, np.float32).reshape(n_users, n_items))


@given(matrices(), st.integers(1, 4), st.integers(1, 14))
def test_kernel_agrees_with_its_brute_force_twin(user_items: sp.csr_matrix, min_co_occurrence: int, k: int) -> None:
    found = rows_of(cosine_neighbours(user_items, min_co_occurrence=min_co_occurrence, k=k, threads=2))
    for row, expected in zip(found, brute_force(user_items, min_co_occurrence, k), strict=True):
        assert [item for item, _ in row] == [item for item, _ in expected]
        assert np.allclose([score for _, score in row], [score for _, score in expected], rtol=1e-6, atol=0)


def a_random_matrix(n_users: int, n_items: int, share: float) -> sp.csr_matrix:
    rng = np.random.default_rng(7)
    known = rng.random((n_users, n_items)) < share
    return sp.csr_matrix((rng.random((n_users, n_items)) * known).astype(np.float32))


@pytest.mark.parametrize("threads", [2, 4])
def test_any_number_of_threads_gives_the_same_bits(threads: int) -> None:
    user_items = a_random_matrix(400, 250, share=0.05)
    alone = cosine_neighbours(user_items, min_co_occurrence=2, k=20, threads=1)
    together = cosine_neighbours(user_items, min_co_occurrence=2, k=20, threads=threads)
    assert alone.indptr.tobytes() == together.indptr.tobytes()
    assert alone.indices.tobytes() == together.indices.tobytes()
    assert alone.scores.tobytes() == together.scores.tobytes()
    assert alone.n_pairs > 0


def test_similarity_is_the_same_seen_from_either_side() -> None:
    user_items = a_random_matrix(200, 40, share=0.2)
    rows = rows_of(cosine_neighbours(user_items, min_co_occurrence=1, k=40, threads=2))
    scores = {(i, j): score for i, row in enumerate(rows) for j, score in row}
    assert all(score == scores[j, i] for (i, j), score in scores.items())


def test_pairs_below_the_co_occurrence_threshold_are_left_out() -> None:
    together_five_times = np.zeros((9, 3), np.float32)
    together_five_times[:5, :2] = 1  # items 0 and 1 share five users
    together_five_times[:4, 2] = 1  # item 2 shares four with each of them
    neighbours = cosine_neighbours(sp.csr_matrix(together_five_times), min_co_occurrence=5, k=10, threads=1)
    assert rows_of(neighbours) == [[(1, np.float32(1.0))], [(0, np.float32(1.0))], []]


def test_equal_scores_are_ordered_by_item() -> None:
    neighbours = cosine_neighbours(sp.csr_matrix(np.ones((6, 30), np.float32)), min_co_occurrence=5, k=4, threads=2)
    assert neighbours.row(0)[0].tolist() == [1, 2, 3, 4]
    assert neighbours.row(29)[0].tolist() == [0, 1, 2, 3]
