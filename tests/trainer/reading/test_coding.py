import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import IntegerIds
from runtime.errors import BadDataError
from trainer.reading.coding import IdColumn, integers_or_text

KEYS = st.integers(2**40 - 100, 2**40 + 100)
SCATTERED = st.integers(-(2**31), 2**31)
ANY_INTEGERS = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def code(batches: list[list[object]]) -> tuple[list[str], list[str]]:
    """Give the ids in order, and each row's id as it comes back from its code."""
    column = IdColumn()
    for batch in batches:
        column.add(pa.array(batch))
    ids, idx = column.finish()
    assert idx.dtype == np.int32
    return [ids.at(i) for i in range(len(ids))], [ids.at(i) for i in idx.tolist()]


@given(st.sampled_from([KEYS, SCATTERED, ANY_INTEGERS]).flatmap(lambda ids: st.lists(st.lists(ids), min_size=1)))
def test_integer_ids_come_back_from_their_codes_in_numerical_order(batches: list[list[object]]) -> None:
    ids, rows = code(batches)
    flat = [value for batch in batches for value in batch]
    assert rows == [str(value) for value in flat]
    assert [int(one) for one in ids] == sorted(set(map(int, ids)))


@given(st.lists(st.lists(texts, min_size=1), min_size=1))
def test_text_ids_come_back_from_their_codes_in_the_order_of_their_bytes(batches: list[list[object]]) -> None:
    ids, rows = code(batches)
    assert rows == [value for batch in batches for value in batch]
    assert ids == sorted(set(rows), key=str.encode)


def test_one_query_with_integers_and_one_with_text_share_their_products() -> None:
    ids, rows = code([[7, 100], ["7", "x"]])
    assert ids == ["100", "7", "x"]
    assert rows == ["7", "100", "7", "x"]


def test_keys_and_ids_far_from_them_share_one_order() -> None:
    ids, rows = code([[7, 5], [2**62, -5], [6, 5], [-(2**63)]])
    assert ids == [str(-(2**63)), "-5", "5", "6", "7", str(2**62)]
    assert rows == ["7", "5", str(2**62), "-5", "6", "5", str(-(2**63))]


@pytest.mark.parametrize("step", [1, 10_000], ids=["keys", "scattered"])
def test_columns_longer_than_what_is_looked_up_at_once_are_coded_to_their_ends(step: int) -> None:
    values = np.random.default_rng(7).integers(0, 200_000, 400_000) * step
    column = IdColumn()
    for batch in np.split(values, 4):
        column.add(pa.array(batch))
    ids, idx = column.finish()
    assert isinstance(ids, IntegerIds)
    assert np.array_equal(ids.values, np.unique(values))
    assert np.array_equal(ids.values[idx], values)


def test_unsigned_ids_above_63_bits_are_kept_as_text() -> None:
    column = IdColumn()
    column.add(integers_or_text(pa.array([2**64 - 1, 5], pa.uint64()), "user_id", "a query"))
    ids, _ = column.finish()
    assert ids.find(str(2**64 - 1)) is not None


def test_ids_that_are_no_integers_and_no_text_are_refused_by_name() -> None:
    with pytest.raises(BadDataError, match=r"the view query: the column user_id is of type double.*CAST"):
        integers_or_text(pa.array([1.5]), "user_id", "the view query")
