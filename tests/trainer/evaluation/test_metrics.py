"""Each metric is what ir-measures, which asks NIST's trec_eval, makes of the same lists."""

import math
from dataclasses import dataclass

import ir_measures
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ir_measures import P, Qrel, R, ScoredDoc, Success, nDCG
from numpy.typing import NDArray

from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import hit_rate, precision, recall

PRODUCTS = st.integers(0, 30)


@dataclass(frozen=True)
class Asked:
    """What a user took up, at least one product, and what they were shown, at most k products."""

    truth: frozenset[int]
    shown: tuple[int, ...]


ASKED = st.builds(
    Asked,
    st.frozensets(PRODUCTS, min_size=1),
    st.lists(PRODUCTS, unique=True, max_size=30).map(tuple),
)


def ours(users: list[Asked], k: int) -> dict[str, NDArray[np.float64]]:
    hits, sizes = hits_of(users, k), np.array([len(user.truth) for user in users])
    return {
        "recall": recall(hits, sizes),
        "precision": precision(hits),
        "ndcg": ndcg(hits, sizes),
        "hit_rate": hit_rate(hits),
    }


def hits_of(users: list[Asked], k: int) -> NDArray[np.bool_]:
    hits = np.zeros((len(users), k), np.bool_)
    for row, user in zip(hits, users, strict=True):
        shown = user.shown[:k]
        row[: len(shown)] = [product in user.truth for product in shown]
    return hits


def theirs(users: list[Asked], k: int) -> dict[str, NDArray[np.float64]]:
    measures = {R @ k: "recall", P @ k: "precision", nDCG @ k: "ndcg", Success @ k: "hit_rate"}
    taken_up = [Qrel(str(n), str(product), 1) for n, user in enumerate(users) for product in user.truth]
    listed = [
        ScoredDoc(str(n), str(product), float(-place))
        for n, user in enumerate(users)
        for place, product in enumerate(user.shown)
    ]
    values = {name: np.full(len(users), np.nan) for name in measures.values()}
    for metric in ir_measures.iter_calc(list(measures), taken_up, listed):
        values[measures[metric.measure]][int(metric.query_id)] = metric.value
    return values


def one(truth: set[int], shown: list[int]) -> Asked:
    return Asked(frozenset(truth), tuple(shown))


@given(st.lists(ASKED, min_size=1, max_size=8), st.integers(1, 20))
@example([one({1}, []), one({1}, [1])], 3).via("a list without a product is all misses")
@example([one({1, 2}, [2])], 5).via("a short list: its empty places are misses for precision")
@example([one({1, 2, 3, 4}, [1, 2])], 2).via("more taken up than there are places: all places hit is an ndcg of 1")
@example([one({1}, [2, 3, 1])], 3).via("one product taken up, found on the last place")
@example([one({1}, [2, 3, 1])], 2).via("a hit behind place k is none")
@example([one({9}, [1, 2, 3])], 1).via("no hit at all, k = 1")
def test_metrics_are_those_of_an_independent_library(users: list[Asked], k: int) -> None:
    expected = theirs(users, k)
    for name, values in ours(users, k).items():
        assert values.dtype == np.float64
        assert np.abs(values - expected[name]).max() < 1e-9, name


def test_a_worked_example_by_hand() -> None:
    """Of three products taken up, the list has two: on places 1 and 4 of 5."""
    found = {name: values.tolist() for name, values in ours([one({7, 8, 9}, [7, 1, 2, 9, 3])], 5).items()}
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found == {
        "recall": [pytest.approx(2 / 3)],
        "precision": [0.4],
        "ndcg": [pytest.approx((1 + 1 / math.log2(5)) / ideal)],
        "hit_rate": [1.0],
    }


@given(st.lists(ASKED, min_size=1, max_size=8), st.integers(1, 20))
def test_moving_a_hit_to_the_front_never_costs(users: list[Asked], k: int) -> None:
    sorted_users = [Asked(user.truth, tuple(sorted(user.shown, key=lambda p: p not in user.truth))) for user in users]
    before, after = ours(users, k), ours(sorted_users, k)
    for name in before:
        assert np.all(after[name] >= before[name] - 1e-12)
