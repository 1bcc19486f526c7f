"""What the kernel has to do at the least, and the loops that say what a machine can do."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.kernel_work import Work, count_additions
from benchmarks.machine_limits import MachineLimits, add_up, random_lists
from model.neighbours import Neighbours

USER_ITEMS = sp.csr_matrix(sp.random(60, 20, 0.2, dtype=np.float32, random_state=0))


@pytest.mark.parametrize("least", [1, 12])
def test_additions_are_the_pairs_of_kept_items_within_users(least: int) -> None:
    dense = USER_ITEMS.toarray() != 0
    kept = dense[:, dense.sum(axis=0) >= least]
    assert 0 < kept.shape[1] <= 20
    assert count_additions(USER_ITEMS, least) == np.triu(kept.T.astype(int) @ kept.astype(int), 1).sum()


def test_least_seconds_are_those_of_the_nearer_limit() -> None:
    work = Work(interactions=10, additions=600, memory_bytes=1000, list_bytes=4800)
    assert work.least_seconds(MachineLimits(50, 100, 200, 20, 10)) == 10
    assert work.least_seconds(MachineLimits(50, 100, 20, 30, 10)) == 20


def test_memory_that_must_be_moved_is_the_input_once_and_the_output_once() -> None:
    neighbours = Neighbours.from_matrix(sp.csr_matrix(np.ones((20, 20), np.float32)), 3)
    work = Work.of(USER_ITEMS, neighbours, 1)
    assert work.memory_bytes == 8 * USER_ITEMS.nnz + USER_ITEMS.indptr.nbytes + 8 * 60 + 8 * 21
    assert work.list_bytes == 8 * work.additions


def test_loop_adds_every_entry_of_distinct_items() -> None:
    entries, sums = random_lists(0, 64, 800), np.zeros((64, 2))
    assert all(len(set(eight)) == 8 for eight in entries[:, 1].reshape(-1, 8).tolist())
    add_up(sums, entries, 3)
    assert sums[:, 0].tolist() == (3 * np.bincount(entries[:, 1], minlength=64)).tolist()
    assert sums[:, 1].tolist() == sums[:, 0].tolist()


def test_better_limits_are_the_better_rate_of_each_kind() -> None:
    assert MachineLimits(1, 5, 3, 1, 9).or_better(MachineLimits(2, 4, 3, 2, 8)) == MachineLimits(2, 5, 3, 2, 9)
