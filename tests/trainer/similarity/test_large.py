"""More interactions than 32 bits can count: the same users stand behind 2^32 places of a file that is mostly a hole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.trainer.similarity.matrices import a_shop
from trainer.arrays.spans import indptr_of
from trainer.kernel.layout import Csr, Meeting, count_ranked, list_by_item, list_by_user, measure_items
from trainer.kernel.pairs import Lists, accumulate
from trainer.similarity.layout import csr_of

FAR = 2**32 + 12_345
N_USERS, N_ITEMS = 300, 40
Far = Callable[[NDArray[Any]], NDArray[Any]]


@pytest.fixture
def far(tmp_path: Path) -> Far:
    """Give a function that puts an array behind 2^32 places of nothing."""

    def put(array: NDArray[Any]) -> NDArray[Any]:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.hole"
        shape = (FAR + len(array), *array.shape[1:])
        mapped = np.memmap(path, array.dtype, "w+", shape=shape)
        mapped[FAR:] = array
        return np.asarray(mapped)

    return put


def user_items() -> Csr:
    return csr_of(a_shop(N_USERS, N_ITEMS, 3_000))


def laid_out(csr: Csr) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Give where each user's list begins, and the entries."""
    ranks, users = np.arange(N_ITEMS, dtype=np.int32), (0, N_USERS)
    starts = np.zeros(N_USERS + 1, np.int64)
    count_ranked(csr, ranks, (0, N_ITEMS), users, starts[1:])
    np.cumsum(starts, out=starts)
    entries = np.empty(starts[-1], np.uint64)
    list_by_user(csr, ranks, (0, N_ITEMS), users, starts, entries)
    return starts, entries


def sums_of(starts: NDArray[np.int64], entries: NDArray[np.uint32], n_users: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give each item's sums with those before it."""
    indptr = indptr_of(n_users)
    postings, additions = np.empty(indptr[-1], np.uint64), np.zeros(N_ITEMS, np.int64)
    none = np.empty(0, np.float32)
    users, firsts, lasts = np.arange(N_USERS, dtype=np.int32), indptr[:-1], indptr[:-1].copy()
    meeting = Meeting(users, starts, entries, users, starts, is_same=True)
    list_by_item(meeting, (0, N_ITEMS), lasts, additions, postings, none)
    lists = Lists((0, N_ITEMS), (0, N_ITEMS), entries, firsts, lasts, postings, none, additions)
    sums = np.zeros((N_ITEMS, N_ITEMS, 2))
    for item in range(N_ITEMS):
        accumulate(lists, item, sums[item])
    return sums


def test_rows_of_user_items_may_begin_anywhere(far: Far) -> None:
    indptr, items, weights = user_items()
    far_csr: Csr = (indptr + FAR, far(items), far(weights))
    measured = [(np.zeros(N_ITEMS, np.int64), np.zeros(N_ITEMS)) for _ in range(2)]
    for csr, (counts, squares) in zip(((indptr, items, weights), far_csr), measured, strict=True):
        measure_items(csr, (0, N_USERS), counts, squares)
    assert np.array_equal(measured[0], measured[1])
    assert np.array_equal(laid_out((indptr, items, weights))[1], laid_out(far_csr)[1])


def test_lists_of_users_may_begin_anywhere(far: Far) -> None:
    csr = user_items()
    n_users = np.bincount(csr[1], minlength=N_ITEMS)
    starts, entries = laid_out(csr)
    columns = entries.view(np.uint32).reshape(-1, 2)
    near = sums_of(starts, columns, n_users)
    assert near.sum() > 0
    assert np.array_equal(sums_of(starts + FAR, far(columns), n_users), near)
