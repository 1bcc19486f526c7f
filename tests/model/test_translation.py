"""Positions of one set of ids in another, whatever the ids are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.ids import Ids, IntegerIds, StringIds
from model.translation import UNKNOWN, translated
from tests.builders import string_ids
from tests.model.random_models import some_ids


@given(st.data())
def test_an_id_is_found_where_it_is_in_the_other_set_and_nowhere_else(data: st.DataObject) -> None:
    source, target = (data.draw(some_ids(data.draw(st.integers(0, 6)))) for _ in range(2))
    idx = data.draw(st.lists(st.integers(UNKNOWN, len(source) - 1), max_size=12))
    found = translated(np.array(idx, np.int32).reshape(-1, 1), source, target)
    assert found.dtype == np.int32
    assert found.ravel().tolist() == [place_of(one, source, target) for one in idx]


def place_of(idx: int, source: Ids, target: Ids) -> int:
    others = {target.at(place): place for place in range(len(target))}
    return others.get(source.at(idx), UNKNOWN) if idx != UNKNOWN else UNKNOWN


def test_integers_and_texts_are_the_same_ids_where_they_are_written_the_same() -> None:
    integers, texts = IntegerIds(np.array([3, 17, 20], np.int64)), string_ids(["17", "3", "x"])
    assert isinstance(texts, StringIds)
    assert translated(np.array([0, 1, 2], np.int32), integers, texts).tolist() == [1, 0, UNKNOWN]
