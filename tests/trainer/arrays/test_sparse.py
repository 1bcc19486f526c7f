from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from model.neighbours import Neighbours
from tests.trainer.similarity.matrices import a_shop
from trainer.arrays import sparse
from trainer.arrays.sparse import matrix_of_rows
from trainer.similarity.activity import by_activity
from trainer.similarity.guard import guarded
from trainer.similarity.named import recipe_named
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.recipes import Limits

BEYOND = 2**31 + 5


def test_more_entries_than_32_bits_count_are_taken_where_they_lie(tmp_path: Path) -> None:
    columns = np.memmap(tmp_path / "columns", np.int32, "w+", shape=(BEYOND,))
    values = np.memmap(tmp_path / "values", np.float32, "w+", shape=(BEYOND,))
    columns[-5:], values[-5:] = range(5), 1
    indptr = np.array([0, BEYOND - 5, BEYOND], np.int64)
    matrix = matrix_of_rows(indptr, columns, values, (2, 5))
    assert [array.dtype.name for array in (matrix.indices, matrix.indptr, matrix.data)] == ["int32", "int64", "float32"]
    assert np.shares_memory(matrix.indices, columns)
    assert np.shares_memory(matrix.data, values)
    assert (matrix.nnz, matrix.shape) == (BEYOND, (2, 5))
    assert matrix.indices[matrix.indptr[1] : matrix.indptr[2]].tolist() == [0, 1, 2, 3, 4]


def test_fewer_entries_make_the_matrix_that_scipy_makes() -> None:
    made = a_shop(50, 20, 300)
    matrix = matrix_of_rows(made.indptr.astype(np.int64), made.indices, made.data, made.shape)
    assert matrix.indptr.dtype == matrix.indices.dtype == np.int32
    assert abs(matrix - made).nnz == 0
    assert (matrix.T @ matrix).shape == (made.shape[1], made.shape[1])


def test_columns_stay_as_they_are_where_rows_begin_beyond_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    user_items = a_shop(50, 20, 300)
    plain = neighbours_of(user_items)
    monkeypatch.setattr(sparse, "_MOST_IN_32_BITS", 0)
    wide = matrix_of_rows(user_items.indptr.astype(np.int64), user_items.indices, user_items.data, user_items.shape)
    few, weighed = guarded(wide, 5), by_activity(wide, 0.5)
    assert few.indptr.dtype == weighed.indptr.dtype == np.int64
    assert few.indices.dtype == weighed.indices.dtype == np.int32
    assert np.shares_memory(weighed.indices, user_items.indices)
    assert np.array_equal(neighbours_of(wide).scores, plain.scores)
    assert np.array_equal(neighbours_of(wide).indices, plain.indices)


def neighbours_of(user_items: sp.csr_matrix) -> Neighbours:
    return neighbours_by(recipe_named("normalised"), guarded(user_items, 5), Limits(1, 10), threads=2)
