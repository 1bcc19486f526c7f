import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import integer_ids
from trainer.arrays.scratch import OnDisk
from trainer.events import Events
from trainer.matrix import build_user_items, item_popularity

Rows = list[tuple[int, int, float]]
rows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 8), st.sampled_from([1.0, 0.3, 2.5])), min_size=1, max_size=200
)


def events_of(rows: Rows) -> Events:
    users, items, weights = (np.array(column) for column in zip(*rows, strict=True))
    return Events(
        integer_ids(list(range(7))),
        integer_ids(list(range(9))),
        ("purchase",),
        users.astype(np.int32),
        items.astype(np.int32),
        weights.astype(np.float32),
        np.zeros(len(rows), np.uint32),
        np.zeros(len(rows), np.uint8),
    )


def events_matrix(cells: dict[tuple[int, int], float]) -> list[list[float]]:
    return [[cells.get((user, item), 0.0) for item in range(9)] for user in range(7)]


@given(rows)
def test_each_pairs_events_are_added_up_by_weight(rows: Rows) -> None:
    sums: dict[tuple[int, int], float] = defaultdict(float)
    for user, item, weight in rows:
        sums[user, item] += float(np.float32(weight))
    matrix = build_user_items(events_of(rows))
    coo = matrix.tocoo()
    found = {(int(u), int(i)): v for u, i, v in zip(coo.row, coo.col, coo.data, strict=True)}
    assert found.keys() == sums.keys()
    assert matrix.shape == (7, 9)
    assert matrix.has_sorted_indices
    for pair, value in sums.items():
        assert found[pair] == np.float32(value)


@given(rows, st.randoms())
def test_the_order_of_the_databases_rows_does_not_show(rows: Rows, random: object) -> None:
    shuffled = rows[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = build_user_items(events_of(rows)), build_user_items(events_of(shuffled))
    assert one.data.tobytes() == other.data.tobytes()
    assert one.indices.tobytes() == other.indices.tobytes()
    assert one.indptr.tobytes() == other.indptr.tobytes()


@given(rows, st.integers(1, 100), st.sampled_from([1, 2, 4]))
def test_some_users_at_a_time_and_several_threads_give_the_same(rows: Rows, at_a_time: int, threads: int) -> None:
    events = events_of(rows * 30)  # enough for several threads
    scratch = OnDisk(Path(tempfile.gettempdir()), work_bytes=8 * at_a_time)
    one, other = build_user_items(events), build_user_items(replace(events, scratch=scratch), threads=threads)
    assert one.data.tobytes() == other.data.tobytes()
    assert one.indices.tobytes() == other.indices.tobytes()
    assert one.indptr.tobytes() == other.indptr.tobytes()


def test_later_events_are_left_out_and_their_users_keep_their_place() -> None:
    events = replace(events_of([(0, 1, 1.0), (0, 1, 0.3), (3, 2, 1.0)]), occurred_at=np.array([5, 6, 7], np.uint32))
    assert build_user_items(events, until=5).toarray().tolist() == events_matrix({(0, 1): 1.0})
    assert build_user_items(events, until=4).nnz == 0


@given(rows)
def test_popularity_is_the_summed_weight_of_an_items_events(rows: Rows) -> None:
    expected = np.zeros(9)
    for _, item, weight in rows:
        expected[item] += np.float32(weight)
    assert np.allclose(item_popularity(build_user_items(events_of(rows))), expected, rtol=1e-6)
