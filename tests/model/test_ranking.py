"""Adding up rows and picking the best, whether a catalogue is small or large for what a history leads to."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.histories import Histories
from model.neighbours import Neighbours
from model.ranking import are_among, best, weighted_rows
from tests.model import random_models as random

SCORES = st.lists(st.sampled_from([-0.5, 0.0, 0.25, 0.5, 1.0]), max_size=40)
K = st.integers(0, 12)


def with_items(neighbours: Neighbours, n_items: int) -> Neighbours:
    """The same rows in a catalogue of more items, which have no neighbours."""
    more = np.full(n_items - neighbours.n_items, neighbours.indptr[-1])
    return Neighbours(np.concatenate([neighbours.indptr, more]), neighbours.indices, neighbours.scores)


@pytest.mark.parametrize("n_items", [8, 500], ids=["many entries an item", "few entries an item"])
@given(drawn=random.neighbours(8), history=st.dictionaries(st.integers(0, 7), random.EIGHTHS, max_size=8))
def test_rows_are_added_up_by_weight(drawn: Neighbours, history: dict[int, float], n_items: int) -> None:
    expected: dict[int, float] = defaultdict(float)
    for item, weight in history.items():
        for other, score in zip(*(column.tolist() for column in drawn.row(item)), strict=True):
            expected[other] += weight * score
    items, weights = np.array(list(history), np.int32), np.array(list(history.values()), np.float32)
    found, scores = weighted_rows(with_items(drawn, n_items), Histories.one(items, weights))
    assert found.tolist() == sorted(expected)
    assert scores.tolist() == [expected[item] for item in sorted(expected)]


@given(SCORES, K)
def test_best_are_the_first_of_all_by_falling_score_ties_by_rising_item(scores: list[float], k: int) -> None:
    items = [3 * place for place in range(len(scores))]
    expected = sorted(zip(items, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))[:k]
    found = best(np.array(items, np.int32), np.array(scores, np.float32), k)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


@given(st.sets(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_those_among_others_are_told_whether_they_are_named_once_or_twice(rising: set[int], wanted: list[int]) -> None:
    found = are_among(np.array(wanted, np.int32), np.array(sorted(rising), np.int32))
    assert found.tolist() == [item in wanted for item in sorted(rising)]
