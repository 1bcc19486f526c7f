"""Neighbours are the best k of each row of a similarity matrix."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from model.neighbours import Neighbours

MATRICES = st.integers(1, 9).flatmap(
    lambda n: arrays.arrays(np.float32, (n, n), elements=st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, -0.5]))
)


def best_of_row(row: NDArray[np.float32], item: int, k: int) -> list[tuple[int, float]]:
    pairs = [(other, float(score)) for other, score in enumerate(row) if other != item and score != 0]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


def rows_of(neighbours: Neighbours) -> list[list[tuple[int, float]]]:
    rows = [neighbours.row(item) for item in range(neighbours.n_items)]
    return [list(zip(indices.tolist(), scores.tolist(), strict=True)) for indices, scores in rows]


@given(MATRICES, st.integers(0, 12), st.sampled_from([sp.csr_matrix, sp.csr_array]))
def test_from_matrix_keeps_what_brute_force_keeps(
    matrix: NDArray[np.float32], k: int, kind: "type[sp.csr_matrix | sp.csr_array]"
) -> None:
    neighbours = Neighbours.from_matrix(kind(matrix), k)
    assert rows_of(neighbours) == [best_of_row(row, item, k) for item, row in enumerate(matrix)]
    columns = (neighbours.indptr, neighbours.indices, neighbours.scores)
    assert [column.dtype.name for column in columns] == ["int64", "int32", "float32"]


@given(MATRICES)
def test_density_counts_off_diagonal_pairs_only(matrix: NDArray[np.float32]) -> None:
    neighbours = Neighbours.from_matrix(sp.csr_matrix(matrix), 100)
    off_diagonal = ~np.eye(len(matrix), dtype=bool)
    expected = np.count_nonzero(matrix[off_diagonal]) / max(1, off_diagonal.sum())
    assert neighbours.density == pytest.approx(expected)
    assert 0 <= neighbours.density <= 1


def test_full_matrix_has_density_1_and_the_mean_of_its_off_diagonal() -> None:
    matrix = np.array([[1, 0.5, 0.25], [0.5, 1, 0.75], [0.25, 0.75, 1]])
    neighbours = Neighbours.from_matrix(sp.csr_matrix(matrix), 100)
    assert (neighbours.density, neighbours.mean_score, neighbours.n_pairs) == (1.0, 0.5, 6)


def test_matrix_without_a_pair_has_density_and_mean_0() -> None:
    for n_items in (0, 1, 3):
        neighbours = Neighbours.from_matrix(sp.csr_matrix(np.eye(n_items)), 10)
        assert (neighbours.density, neighbours.mean_score, neighbours.n_items) == (0.0, 0.0, n_items)


def test_explicit_zeros_and_unsorted_columns_change_nothing() -> None:
    unsorted = sp.csr_matrix(([0.5, 0.0, 0.75], [2, 0, 1], [0, 3, 3, 3]), shape=(3, 3))
    assert rows_of(Neighbours.from_matrix(unsorted, 2)) == [[(1, 0.75), (2, 0.5)], [], []]


def test_items_that_nobody_lists_are_counted() -> None:
    """Item 2 has a neighbour and is nobody's; item 3 has none at all."""
    neighbours = Neighbours.from_matrix(
        sp.csr_matrix(np.array([[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0.0]])), 9
    )
    assert neighbours.n_unlisted == 1
