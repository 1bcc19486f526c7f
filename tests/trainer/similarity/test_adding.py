"""Neighbours of several kinds of events, added up: held against sums in dictionaries."""

import numpy as np
import pytest
import scipy.sparse as sp

from model.neighbours import Neighbours
from tests.trainer.similarity.spilled import bytes_of
from trainer.similarity import adding
from trainer.similarity.adding import added_up

# Multiples of 1/8, so that sums are exact and many are equal.
EIGHTHS = np.arange(1, 9) / 8
WEIGHTS = (1.0, 0.25, 0.5)


def some_neighbours(seed: int, n_items: int = 30) -> Neighbours:
    rng = np.random.default_rng(seed)
    scores = rng.choice(EIGHTHS, (n_items, n_items)) * (rng.random((n_items, n_items)) < 0.4)
    scores[rng.integers(0, n_items, 5)] = 0
    return Neighbours.from_matrix(sp.csr_matrix(scores.astype(np.float32)), k=9)


def by_hand(parts: list[tuple[float, Neighbours]], item: int, k: int) -> list[tuple[int, float]]:
    sums: dict[int, float] = {}
    for weight, neighbours in parts:
        for other, score in zip(*neighbours.row(item), strict=True):
            sums[int(other)] = sums.get(int(other), 0.0) + weight * float(score)
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:k]


@pytest.mark.parametrize("n_parts", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 7, 50])
def test_scores_add_up_by_weight_and_the_best_are_kept(n_parts: int, k: int) -> None:
    parts = [(WEIGHTS[part], some_neighbours(part)) for part in range(n_parts)]
    total = added_up(parts, k)
    for item in range(30):
        items, scores = total.row(item)
        assert list(zip(items.tolist(), scores.tolist(), strict=True)) == by_hand(parts, item, k)


def test_rows_that_are_added_some_at_a_time_are_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [(weight, some_neighbours(seed)) for seed, weight in enumerate((0.3, 1.0, 0.7))]
    at_once = bytes_of(added_up(parts, 8))
    monkeypatch.setattr(adding, "_ROWS_AT_ONCE", 7)
    assert bytes_of(added_up(parts, 8)) == at_once


def test_nothing_and_nothing_is_nothing() -> None:
    nothing = Neighbours(np.zeros(4, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    total = added_up([(1.0, nothing), (0.3, nothing)], 5)
    assert (total.n_items, total.n_pairs) == (3, 0)
    assert [array.dtype.name for array in (total.indices, total.scores)] == ["int32", "float32"]
